//! Writes a cpio archive in the `newc` form the kernel takes as its first file system.
//!
//! Owners are root, times are zero and inode numbers count up, so the same entries give the same bytes.

/// What one entry is.
#[derive(Debug)]
pub enum Entry<'a> {
    Directory,
    File {
        content: &'a [u8],
        executable: bool,
    },
    Link {
        to: &'a str,
    },
    /// Character device, major and minor number.
    Device {
        major: u32,
        minor: u32,
    },
}

/// An archive being written.
#[derive(Debug, Default)]
pub struct Archive {
    bytes: Vec<u8>,
    entries: u32,
}

impl Archive {
    /// Adds an entry; directories come before what is in them.
    pub fn add(&mut self, path: &str, entry: &Entry<'_>) {
        let (mode, content, major, minor): (u32, &[u8], u32, u32) = match entry {
            Entry::Directory => (0o040_755, &[], 0, 0),
            Entry::File { content, executable: true } => (0o100_755, content, 0, 0),
            Entry::File { content, executable: false } => (0o100_644, content, 0, 0),
            Entry::Link { to } => (0o120_777, to.as_bytes(), 0, 0),
            Entry::Device { major, minor } => (0o020_600, &[], *major, *minor),
        };
        self.entries += 1;
        let links = if matches!(entry, Entry::Directory) { 2 } else { 1 };
        self.write(path, self.entries, mode, links, content, (major, minor));
    }

    /// The finished archive.
    pub fn finish(mut self) -> Vec<u8> {
        self.write("TRAILER!!!", 0, 0, 1, &[], (0, 0));
        self.bytes
    }

    fn write(&mut self, name: &str, inode: u32, mode: u32, links: u32, content: &[u8], device: (u32, u32)) {
        let length =
            |bytes: usize| u32::try_from(bytes).expect("an entry of a first file system is below 4 GiB");
        let (owner, group, time, no_device, no_sum) = (0, 0, 0, 0, 0);
        let fields = [
            inode,
            mode,
            owner,
            group,
            links,
            time,
            length(content.len()),
            no_device,
            no_device,
            device.0,
            device.1,
            length(name.len() + 1),
            no_sum,
        ];
        self.bytes.extend_from_slice(b"070701");
        for field in fields {
            self.bytes.extend_from_slice(format!("{field:08x}").as_bytes());
        }
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.push(0);
        self.align();
        self.bytes.extend_from_slice(content);
        self.align();
    }

    fn align(&mut self) {
        while !self.bytes.len().is_multiple_of(4) {
            self.bytes.push(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::process::{Command, Stdio};

    #[test]
    fn an_archive_is_read_back_by_cpio_as_it_was_written() -> anyhow::Result<()> {
        let mut archive = Archive::default();
        archive.add("bin", &Entry::Directory);
        archive.add("bin/tool", &Entry::File { content: b"12345", executable: true });
        archive.add("bin/alias", &Entry::Link { to: "tool" });
        let mut cpio =
            Command::new("cpio").args(["-itv"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        cpio.stdin.take().expect("piped").write_all(&archive.finish())?;
        let output = cpio.wait_with_output()?;
        assert!(output.status.success());
        let listing = String::from_utf8(output.stdout)?;
        let lines: Vec<&str> = listing.lines().collect();
        assert_eq!(lines.len(), 3, "{listing}");
        assert!(lines[0].starts_with("drwxr-xr-x") && lines[0].ends_with("bin"), "{listing}");
        assert!(lines[1].starts_with("-rwxr-xr-x") && lines[1].contains(" 5 "), "{listing}");
        assert!(lines[2].starts_with("lrwxrwxrwx") && lines[2].ends_with("bin/alias -> tool"), "{listing}");
        Ok(())
    }
}
