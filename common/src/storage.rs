//! Kinds and states of pools, disks and images.

use crate::text_enum::text_enum;

text_enum! {
    /// Where a pool's bytes are.
    pub enum PoolKind {
        /// A directory of one sled.
        Local = "local",
        /// A directory mounted on several sleds.
        Shared = "shared",
    }
}

text_enum! {
    /// Life of a disk. Attachment is a link of its own.
    pub enum DiskState {
        Creating = "creating",
        Ready = "ready",
        Deleting = "deleting",
        Failed = "failed",
    }
}

text_enum! {
    /// What an image is made of.
    pub enum ImageKind {
        /// A Linux kernel and an initial RAM disk, booted directly.
        Kernel = "kernel",
        /// A disk that is copied when a disk is made from it.
        Disk = "disk",
    }
}

text_enum! {
    /// One uploaded file of an image.
    pub enum ImagePart {
        Kernel = "kernel",
        Initrd = "initrd",
        Disk = "disk",
    }
}

text_enum! {
    /// Format of a disk image's file.
    pub enum DiskFormat {
        Raw = "raw",
        Qcow2 = "qcow2",
    }
}

text_enum! {
    /// Life of an image.
    pub enum ImageState {
        /// Not all of its files are here.
        Uploading = "uploading",
        Ready = "ready",
    }
}

impl ImageKind {
    /// The files an image of this kind consists of.
    pub const fn parts(self) -> &'static [ImagePart] {
        match self {
            ImageKind::Kernel => &[ImagePart::Kernel, ImagePart::Initrd],
            ImageKind::Disk => &[ImagePart::Disk],
        }
    }
}
