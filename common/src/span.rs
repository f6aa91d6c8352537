//! Spans of time as people write and read them: `30s`, `1h30m`, `2d`.

use std::time::Duration;

/// Units by their suffix, in milliseconds; the longer suffix first where one begins with the other.
const UNITS: [(&str, u64); 5] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

/// Reads a span; plain digits are seconds.
///
/// Errors: a sentence that says what would be right.
pub fn span(text: &str) -> Result<Duration, String> {
    milliseconds(text)
        .map(Duration::from_millis)
        .ok_or_else(|| format!("{text:?} is no span of time; write 30s, 5m, 1h30m, 2d, or plain seconds"))
}

fn milliseconds(text: &str) -> Option<u64> {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse::<u64>().ok()?.checked_mul(1000);
    }
    let (mut rest, mut sum) = (text, None);
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let count: u64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.bytes().take_while(u8::is_ascii_lowercase).count();
        let (_, factor) = UNITS.iter().find(|(suffix, _)| *suffix == &rest[..letters])?;
        rest = &rest[letters..];
        sum = Some(count.checked_mul(*factor)?.checked_add(sum.unwrap_or(0))?);
    }
    sum
}

/// A span in whole seconds, as the API counts them.
pub fn seconds(text: &str) -> Result<u64, String> {
    let span = span(text)?;
    if span.subsec_millis() != 0 {
        return Err(format!("{text:?} is not a whole number of seconds"));
    }
    Ok(span.as_secs())
}

/// A span in milliseconds, as the API counts short ones.
pub fn short(text: &str) -> Result<u64, String> {
    u64::try_from(span(text)?.as_millis()).map_err(|_| format!("{text:?} is too long"))
}

/// A span for people: the two largest units at most.
pub fn shown(span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        0 => format!("{}ms", span.subsec_millis()),
        1..60 => format!("{seconds}s"),
        60..3600 => pair(seconds / 60, "m", seconds % 60, "s"),
        3600..86400 => pair(seconds / 3600, "h", seconds % 3600 / 60, "m"),
        _ => pair(seconds / 86400, "d", seconds % 86400 / 3600, "h"),
    }
}

fn pair(large: u64, unit: &str, small: u64, small_unit: &str) -> String {
    if small == 0 { format!("{large}{unit}") } else { format!("{large}{unit}{small}{small_unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_add_up() {
        for (text, expected) in [
            ("30s", 30_000),
            ("30", 30_000),
            ("500ms", 500),
            ("1h30m", 5_400_000),
            ("2d", 172_800_000),
            ("0s", 0),
        ] {
            assert_eq!(span(text), Ok(Duration::from_millis(expected)), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "s", "-1s", "1.5s", "30 s", "30S", "1w", "1h30", "99999999999999999999s", "ü"] {
            assert!(span(text).is_err(), "{text}");
        }
    }

    #[test]
    fn grace_is_in_whole_seconds() {
        assert_eq!(seconds("2m"), Ok(120));
        assert!(seconds("1500ms").is_err());
    }

    #[test]
    fn spans_are_shown_in_two_units_at_most() {
        for (ms, expected) in
            [(0, "0ms"), (5_000, "5s"), (61_000, "1m1s"), (7_200_000, "2h"), (90_000_000, "1d1h")]
        {
            assert_eq!(shown(Duration::from_millis(ms)), expected);
        }
    }
}
