//! Images and disks, as a user makes them.

use super::{Api, Body, Reply};
use anyhow::Result;
use berth_nexus_api::disk::Disk;
use berth_nexus_api::image::Image;
use berth_nexus_api::operation::Operation;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

impl Api {
    pub fn image_create(&self, name: &str, kind: &str) -> Result<Reply> {
        self.post(&self.here("/v1/images"), json!({"name": name, "kind": kind}))
    }

    /// Sends one file of an image.
    pub fn image_upload(&self, name: &str, part: &str, bytes: Vec<u8>) -> Result<Reply> {
        let path = self.here(&format!("/v1/images/{name}/files/{part}"));
        self.send(&Method::PUT, &path, &[], Body::Bytes("application/octet-stream", bytes))
    }

    /// Makes a kernel image of two files.
    pub fn kernel_image(&self, name: &str, kernel: Vec<u8>, initrd: Vec<u8>) -> Result<Image> {
        self.image_create(name, "kernel")?.into::<Image>()?;
        self.image_upload(name, "kernel", kernel)?.into::<Image>()?;
        self.image_upload(name, "initrd", initrd)?.into()
    }

    /// Makes a disk image of one file.
    pub fn disk_image(&self, name: &str, file: Vec<u8>) -> Result<Image> {
        self.image_create(name, "disk")?.into::<Image>()?;
        self.image_upload(name, "disk", file)?.into()
    }

    /// Asks for a disk; `body` has its fields but the name.
    pub fn disk_create(&self, name: &str, mut body: Value) -> Result<Reply> {
        body["name"] = json!(name);
        self.post(&self.here("/v1/disks"), body)
    }

    /// Makes a disk and waits until it is there.
    pub fn disk_made(&self, name: &str, body: Value) -> Result<Disk> {
        let operation: Operation = self.disk_create(name, body)?.into()?;
        self.succeeded(&operation, Duration::from_secs(60))?;
        self.get(&self.here(&format!("/v1/disks/{name}")))
    }

    pub fn disk_delete(&self, name: &str) -> Result<Reply> {
        self.delete(&self.here(&format!("/v1/disks/{name}")))
    }
}
