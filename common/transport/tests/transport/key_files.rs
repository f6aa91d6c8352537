//! Key material: on disk, in a ring, and in logs.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use berth_transport::{
    Authority, JoinKey, KeyError, KeyMaterial, KeyRing, KeyRingError, SecretFileError, SecretPem, Subject,
    read_secret, write_secret,
};
use tempfile::TempDir;
use uuid::Uuid;

fn authority() -> Authority {
    Authority::create(Uuid::new_v4()).expect("an authority")
}

fn sled_of(authority: &Authority) -> KeyMaterial {
    authority.issue(&Subject::sled(Uuid::new_v4(), Vec::new())).expect("a certificate")
}

/// Key material stored in `keys` of a directory of the test's own.
fn stored() -> (TempDir, PathBuf, KeyMaterial) {
    let home = tempfile::tempdir().expect("a directory");
    let dir = home.path().join("keys");
    let material = sled_of(&authority());
    material.store(&dir).expect("stored");
    (home, dir, material)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("metadata").permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode set");
}

fn refusal(dir: &Path) -> SecretFileError {
    match KeyMaterial::load(dir) {
        Err(KeyError::File(reason)) => reason,
        other => panic!("not refused for its file: {other:?}"),
    }
}

#[test]
fn key_material_reads_back_as_stored() {
    let (_home, dir, material) = stored();
    let read = KeyMaterial::load(&dir).expect("loaded");
    assert_eq!(read.identity(), material.identity());
    assert_eq!(read.key_pem().expose().trim(), material.key_pem().expose().trim());
    assert_eq!(read.cert_pem().trim(), material.cert_pem().trim());
    assert_eq!(read.ca_pem().trim(), material.ca_pem().trim());
}

#[test]
fn the_file_and_its_directory_are_private() {
    let (_home, dir, _) = stored();
    assert_eq!(mode(&dir), 0o700);
    let names: Vec<_> =
        fs::read_dir(&dir).expect("a listing").map(|entry| entry.expect("an entry")).collect();
    assert_eq!(names.len(), 1, "nothing unfinished is left");
    assert_eq!(mode(&names[0].path()), 0o600);
}

#[test]
fn storing_again_replaces_and_clears_what_an_interrupted_store_left() {
    let (_home, dir, _) = stored();
    fs::write(dir.join(".identity.pem.unfinished"), "half a k").expect("written");
    let newer = sled_of(&authority());
    newer.store(&dir).expect("stored");
    assert_eq!(KeyMaterial::load(&dir).expect("loaded").identity(), newer.identity());
    assert!(!dir.join(".identity.pem.unfinished").exists());
}

#[test]
fn a_key_that_others_may_read_is_refused() {
    let (_home, dir, _) = stored();
    let file = dir.join("identity.pem");
    for open in [0o640, 0o604, 0o620, 0o601] {
        set_mode(&file, open);
        assert!(matches!(refusal(&dir), SecretFileError::OpenToOthers { mode, .. } if mode == open));
    }
    set_mode(&file, 0o400);
    assert!(KeyMaterial::load(&dir).is_ok());
}

#[test]
fn a_directory_open_to_others_is_refused_for_reading_and_for_writing() {
    let (_home, dir, material) = stored();
    set_mode(&dir, 0o750);
    assert!(matches!(refusal(&dir), SecretFileError::OpenToOthers { mode: 0o750, .. }));
    let refused = material.store(&dir);
    assert!(matches!(refused, Err(KeyError::File(SecretFileError::OpenToOthers { .. }))), "{refused:?}");
}

#[test]
fn a_link_a_directory_or_a_pipe_is_no_key_file() {
    let (home, dir, _) = stored();
    let file = dir.join("identity.pem");
    let elsewhere = home.path().join("elsewhere.pem");
    fs::rename(&file, &elsewhere).expect("moved");
    symlink(&elsewhere, &file).expect("a link");
    assert!(matches!(refusal(&dir), SecretFileError::NotASecret { .. }));
    fs::remove_file(&file).expect("removed");
    fs::create_dir(&file).expect("a directory");
    assert!(matches!(refusal(&dir), SecretFileError::NotASecret { .. }));
    fs::remove_dir(&file).expect("removed");
    nix::unistd::mkfifo(&file, nix::sys::stat::Mode::S_IRUSR).expect("a pipe");
    assert!(matches!(refusal(&dir), SecretFileError::NotASecret { .. }));
}

#[test]
fn what_was_never_stored_is_absent() {
    let home = tempfile::tempdir().expect("a directory");
    assert!(matches!(refusal(&home.path().join("none")), SecretFileError::Absent { .. }));
    write_secret(home.path().join("keys"), "other", "text").expect("written");
    assert!(matches!(refusal(&home.path().join("keys")), SecretFileError::Absent { .. }));
}

#[test]
fn a_file_too_large_or_not_text_is_no_secret() {
    let home = tempfile::tempdir().expect("a directory");
    let dir = home.path().join("keys");
    write_secret(&dir, "large", &"x".repeat(256 * 1024 + 1)).expect("written");
    assert!(matches!(read_secret(&dir, "large"), Err(SecretFileError::NotASecret { .. })));
    write_secret(&dir, "bytes", "").expect("written");
    fs::write(dir.join("bytes"), [0xff, 0xfe]).expect("written");
    assert!(matches!(read_secret(&dir, "bytes"), Err(SecretFileError::NotASecret { .. })));
}

#[test]
fn a_file_of_the_wrong_blocks_is_refused() {
    let (_home, dir, material) = stored();
    let load_of = |text: &str| {
        write_secret(&dir, "identity.pem", text).expect("written");
        KeyMaterial::load(&dir)
    };
    let (key, certificate) = (material.key_pem().expose(), material.cert_pem());
    assert!(matches!(load_of(""), Err(KeyError::WrongCount { found: 0, .. })));
    assert!(matches!(load_of(&key.repeat(2)), Err(KeyError::WrongCount { found: 2, .. })));
    assert!(matches!(load_of(&format!("{key}{certificate}")), Err(KeyError::WrongCount { .. })));
    let cut = &material.ca_pem()[..200];
    assert!(matches!(load_of(&format!("{key}{certificate}{cut}")), Err(KeyError::WrongCount { .. })));
}

#[test]
fn parts_that_do_not_belong_together_are_refused() {
    let (one, other) = (authority(), authority());
    let (mine, yours) = (sled_of(&one), sled_of(&one));
    let make = |ca: &str, certificate: &str, key: &SecretPem| KeyMaterial::new(ca, certificate, key.clone());
    assert!(make(one.cert_pem(), mine.cert_pem(), mine.key_pem()).is_ok());
    let refused = make(one.cert_pem(), mine.cert_pem(), yours.key_pem());
    assert!(matches!(refused, Err(KeyError::ForeignKey(_))), "{refused:?}");
    let refused = make(other.cert_pem(), mine.cert_pem(), mine.key_pem());
    assert!(matches!(refused, Err(KeyError::ForeignAuthority(_))), "{refused:?}");
    let refused = make(one.cert_pem(), one.cert_pem(), one.key_pem());
    assert!(matches!(refused, Err(KeyError::Identity(_))), "{refused:?}");
    assert!(matches!(make("", mine.cert_pem(), mine.key_pem()), Err(KeyError::NotPem { .. })));
    assert!(matches!(make(one.cert_pem(), "", mine.key_pem()), Err(KeyError::NotPem { .. })));
    let no_key = SecretPem::new("");
    assert!(matches!(make(one.cert_pem(), mine.cert_pem(), &no_key), Err(KeyError::NotPem { .. })));
}

#[test]
fn a_ring_takes_only_the_same_identity_of_the_same_authority() {
    let authority = authority();
    let subject = Subject::sled(Uuid::new_v4(), Vec::new());
    let first = authority.issue(&subject).expect("a certificate");
    let ring = KeyRing::new(first.clone());
    let second = authority.issue(&subject).expect("a certificate");
    ring.replace(second.clone()).expect("replaced");
    assert_eq!(ring.current().cert_pem(), second.cert_pem());
    let refused = ring.replace(sled_of(&authority));
    assert!(matches!(refused, Err(KeyRingError::OtherIdentity { .. })), "{refused:?}");
    let stranger = Authority::create(authority.cluster()).expect("an authority");
    let refused = ring.replace(stranger.issue(&subject).expect("a certificate"));
    assert_eq!(refused, Err(KeyRingError::OtherAuthority));
    assert_eq!(ring.current().cert_pem(), second.cert_pem(), "a refusal changes nothing");
}

#[test]
fn debug_output_never_shows_a_key() {
    let authority = authority();
    let material = sled_of(&authority);
    let join_key = JoinKey::generate().expect("a key");
    let printed = format!("{authority:?} {material:?} {:?}", KeyRing::new(material.clone()));
    let with_join = format!("{printed} {join_key:?} {:#?}", material.key_pem());
    assert!(!with_join.contains("PRIVATE KEY"), "{with_join}");
    let body = material.key_pem().expose().lines().nth(1).expect("a body line").to_owned();
    assert!(!with_join.contains(&body));
    // Nor as a list of bytes.
    assert!(!printed.contains("48, 129") && !printed.contains("secret"), "{printed}");
}
