//! Uploads of images.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::nexus::{House, Reply, answer};

pub fn kernel() -> Vec<u8> {
    let mut bytes = vec![0; 4096];
    bytes[0x1fe..0x200].copy_from_slice(&[0x55, 0xaa]);
    bytes[0x202..0x206].copy_from_slice(b"HdrS");
    bytes[0x206..0x208].copy_from_slice(&0x020f_u16.to_le_bytes());
    bytes
}

pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub async fn image(house: &House, name: &str, kind: &str) -> Result<()> {
    house.post("/v1/images?project=alpha", json!({"name": name, "kind": kind})).await?.ok()?;
    Ok(())
}

pub async fn upload(house: &House, file: &str, bytes: Vec<u8>, sha256: Option<&str>) -> Result<Reply> {
    let sum = sha256.map(|sum| format!("&sha256={sum}")).unwrap_or_default();
    let path = format!("/v1/images/{file}?project=alpha{sum}");
    answer(house.request(&Method::PUT, &path).bearer_auth(&house.admin).body(bytes)).await
}

fn bytes_stored(house: &House) -> Result<String> {
    Ok(house.database.sql("SELECT count(*) FROM image_file WHERE sha256 IS NULL")?.trim().to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_is_ready_with_its_last_file() -> Result<()> {
    let house = House::open().await?;
    house.project("alpha").await?;
    image(&house, "linux", "kernel").await?;
    let half = upload(&house, "linux/files/kernel", kernel(), Some(&sha256(&kernel()))).await?.ok()?;
    assert_eq!(half["state"], "uploading");
    let whole = upload(&house, "linux/files/initrd", b"070701 and so on".to_vec(), None).await?.ok()?;
    assert_eq!(whole["state"], "ready");
    assert_eq!(whole["files"].as_array().map(Vec::len), Some(2));
    // The same again is the same; other bytes are refused.
    upload(&house, "linux/files/kernel", kernel(), None).await?.ok()?;
    let other = upload(&house, "linux/files/initrd", b"070701 and otherwise".to_vec(), None).await?;
    other.refused(409, "image_file_complete")?;
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_of_several_pieces_is_stored_whole() -> Result<()> {
    let house = House::open().await?;
    house.project("alpha").await?;
    image(&house, "big", "disk").await?;
    let bytes: Vec<u8> = (0..7_u32 * 512 * 1024).map(|n| (n % 251) as u8).collect();
    let made = upload(&house, "big/files/disk", bytes.clone(), Some(&sha256(&bytes))).await?.ok()?;
    assert_eq!((&made["disk_format"], &made["virtual_bytes"]), (&json!("raw"), &json!(bytes.len())));
    let stored = house.database.sql("SELECT count(*), sum(length(data)) FROM image_chunk")?;
    assert_eq!(stored.trim(), format!("4|{}", bytes.len()));
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_image_is_refused_by_what_it_is_and_nothing_is_kept() -> Result<()> {
    let house = House::open().await?;
    house.project("alpha").await?;
    image(&house, "linux", "kernel").await?;
    image(&house, "disk", "disk").await?;
    let zeros = vec![0; 2 * 1024 * 1024];
    let other_sum = "0".repeat(64);
    let cases = [
        ("linux/files/kernel", b"#!/bin/sh".to_vec(), None, 400, "invalid_image"),
        ("linux/files/kernel", zeros.clone(), None, 400, "invalid_image"),
        ("linux/files/initrd", Vec::new(), None, 400, "invalid_image"),
        ("linux/files/disk", zeros.clone(), None, 400, "invalid_request"),
        ("disk/files/disk", vec![1; 1000], None, 400, "invalid_image"),
        ("disk/files/disk", zeros.clone(), Some(other_sum.as_str()), 400, "checksum_mismatch"),
        ("disk/files/disk", zeros, Some("abc"), 400, "invalid_request"),
    ];
    for (file, bytes, sum, status, code) in cases {
        let refused = upload(&house, file, bytes, sum).await?;
        refused.refused(status, code).with_context(|| file.to_string())?;
        ensure!(bytes_stored(&house)? == "0", "{file}: bytes of a refused upload are left");
    }
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_is_used_stays() -> Result<()> {
    let house = House::open().await?;
    house.project("alpha").await?;
    image(&house, "linux", "kernel").await?;
    let vm = json!({"name": "vm", "cpus": 1, "memory_mib": 64, "image": "linux"});
    house.post("/v1/instances?project=alpha", vm.clone()).await?.refused(409, "image_not_ready")?;
    upload(&house, "linux/files/kernel", kernel(), None).await?.ok()?;
    upload(&house, "linux/files/initrd", b"070701".to_vec(), None).await?.ok()?;
    house.post("/v1/instances?project=alpha", vm).await?.ok()?;
    house.delete("/v1/images/linux?project=alpha").await?.refused(409, "image_in_use")?;
    house.end().await;
    Ok(())
}
