//! Amounts of bytes as people write and read them: `10GiB`, `512M`, `1.5 GiB`.

/// Units by their suffix in lower case. `k`, `m`, `g`, `t` alone are binary, as storage and memory are counted;
/// who means powers of ten writes `GB`.
const UNITS: [(&str, u64); 14] = [
    ("b", 1),
    ("k", 1 << 10),
    ("kib", 1 << 10),
    ("kb", 1000),
    ("m", 1 << 20),
    ("mib", 1 << 20),
    ("mb", 1_000_000),
    ("g", 1 << 30),
    ("gib", 1 << 30),
    ("gb", 1_000_000_000),
    ("t", 1 << 40),
    ("tib", 1 << 40),
    ("tb", 1_000_000_000_000),
    ("p", 1 << 50),
];

/// Disks come in sectors of so many bytes.
const SECTOR_BYTES: u64 = 512;

/// Reads an amount of bytes. A unit is required: `512` could mean anything.
///
/// Errors: a sentence that says what is wrong and what would be right.
pub fn bytes(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let split = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = (text[..split].trim_end(), text[split..].to_ascii_lowercase());
    if unit.is_empty() {
        return Err("an amount needs its unit; write 512MiB, 10GiB or 2T".to_string());
    }
    let known = UNITS.iter().find(|(suffix, _)| *suffix == unit);
    let (_, factor) = known
        .ok_or_else(|| format!("{unit:?} is no unit of bytes; known are KiB, MiB, GiB, TiB, kB, MB, GB"))?;
    scaled(number, *factor).ok_or_else(|| {
        format!("{text:?} is no amount of bytes; write a number and a unit: 512MiB, 10GiB, 1.5T")
    })
}

/// `number` times `factor`, exactly; `None` if it is no plain decimal number, no whole number of bytes, or too large.
fn scaled(number: &str, factor: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{whole}{fraction}");
    // More digits than this aren't an amount somebody meant.
    if whole.is_empty() || digits.len() > 18 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let tens = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    let product = digits.parse::<u128>().ok()? * u128::from(factor);
    if product % tens != 0 {
        return None;
    }
    u64::try_from(product / tens).ok()
}

/// The size of a disk: above zero and whole sectors.
pub fn disk_bytes(text: &str) -> Result<u64, String> {
    match bytes(text)? {
        0 => Err("a disk of no bytes holds nothing".to_string()),
        size if !size.is_multiple_of(SECTOR_BYTES) => {
            Err(format!("{size} bytes are not a multiple of {SECTOR_BYTES}"))
        }
        size => Ok(size),
    }
}

/// An amount of memory in MiB.
pub fn memory_mib(text: &str) -> Result<u32, String> {
    let mib = whole_mib(text)?;
    u32::try_from(mib).map_err(|_| format!("{text:?} is more than any instance can have"))
}

/// An amount in whole MiB.
pub fn whole_mib(text: &str) -> Result<u64, String> {
    let size = bytes(text)?;
    if size == 0 || !size.is_multiple_of(1 << 20) {
        return Err(format!("{text:?} is not a whole number of MiB"));
    }
    Ok(size >> 20)
}

/// An amount for people: at most one decimal, the largest unit that leaves a number of at least 1.
pub fn shown(bytes: u64) -> String {
    const NAMES: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let step = (0..NAMES.len()).rev().find(|step| bytes >> (10 * step) > 0).unwrap_or(0);
    let one = 1_u64 << (10 * step);
    if bytes.is_multiple_of(one) {
        return format!("{} {}", bytes / one, NAMES[step]);
    }
    #[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
    let value = bytes as f64 / one as f64;
    let text = format!("{value:.1}");
    format!("{} {}", text.trim_end_matches(".0"), NAMES[step])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_two_and_of_ten_are_told_apart() {
        for (text, expected) in [
            ("10GiB", 10 << 30),
            ("10G", 10 << 30),
            ("10 GiB", 10 << 30),
            ("10GB", 10_000_000_000),
            ("512M", 512 << 20),
            ("512mib", 512 << 20),
            ("1.5GiB", 3 << 29),
            ("0.5k", 512),
            ("7b", 7),
            ("2T", 2 << 40),
        ] {
            assert_eq!(bytes(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused_with_a_way_out() {
        for text in ["", "10", "GiB", "-1G", "1.5b", "1,5G", "10XB", "1e3G", "99999999999T", "1.G.5", "½G"] {
            let why = bytes(text).expect_err(text);
            assert!(why.contains("unit") || why.contains("GiB"), "{text}: {why}");
        }
    }

    #[test]
    fn memory_is_whole_mib_and_disks_are_whole_sectors() {
        assert_eq!(memory_mib("1GiB"), Ok(1024));
        assert!(memory_mib("1000k").is_err());
        assert!(memory_mib("0M").is_err());
        assert_eq!(disk_bytes("1GiB"), Ok(1 << 30));
        assert!(disk_bytes("1000b").is_err());
        assert!(disk_bytes("0b").is_err());
    }

    #[test]
    fn amounts_are_shown_short() {
        for (size, expected) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1 KiB"),
            (1536, "1.5 KiB"),
            ((252 << 30) + 1, "252 GiB"),
            (10 << 30, "10 GiB"),
        ] {
            assert_eq!(shown(size), expected);
        }
    }
}
