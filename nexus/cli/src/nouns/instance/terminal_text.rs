//! What a guest writes, made safe for a person's terminal: colours pass; whatever moves windows, titles, clipboards
//! or asks the terminal to answer doesn't.

const ESCAPE: u8 = 0x1b;
const BELL: u8 = 0x07;
/// Longest sequence that is held back; a longer one is none.
const SEQUENCE_MAX_BYTES: usize = 64;

/// Where in a sequence the last byte was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Text,
    /// After ESC.
    Escape,
    /// After ESC and an intermediate byte: one more belongs to it.
    Intermediate,
    /// In `ESC [ …`.
    Control,
    /// In a string: `ESC ] …`, `ESC P …` and their kind, up to BEL or `ESC \`.
    String,
    /// In such a string, after ESC.
    StringEscape,
}

/// Passes text on; remembers a sequence that goes over the border of two pieces.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    place: Place,
    held: Vec<u8>,
}

impl Filter {
    /// The safe part of a piece.
    pub fn pass(&mut self, piece: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(piece.len());
        for byte in piece {
            self.step(*byte, &mut out);
        }
        out
    }

    fn step(&mut self, byte: u8, out: &mut Vec<u8>) {
        self.place = match (self.place, byte) {
            (Place::Text, ESCAPE) => Place::Escape,
            (Place::Text, _) => {
                if is_plain(byte) {
                    out.push(byte);
                }
                Place::Text
            }
            (Place::Escape, b'[') => {
                self.held = vec![ESCAPE, b'['];
                Place::Control
            }
            (Place::Escape, b']' | b'P' | b'X' | b'^' | b'_') => Place::String,
            (Place::Escape, 0x20..=0x2f) => Place::Intermediate,
            (Place::Escape, ESCAPE) => Place::Escape,
            (Place::Escape | Place::Intermediate, _) => Place::Text,
            (Place::Control, ESCAPE) => Place::Escape,
            (Place::Control, 0x20..=0x3f) if self.held.len() < SEQUENCE_MAX_BYTES => {
                self.held.push(byte);
                Place::Control
            }
            (Place::Control, _) => {
                // Colours and weights end with `m`, and their parameters are digits.
                let is_colour = byte == b'm'
                    && self.held[2..].iter().all(|b| b.is_ascii_digit() || matches!(b, b';' | b':'));
                if is_colour {
                    out.append(&mut self.held);
                    out.push(byte);
                }
                Place::Text
            }
            (Place::String, BELL) => Place::Text,
            (Place::String | Place::StringEscape, ESCAPE) => Place::StringEscape,
            (Place::StringEscape, b'\\') => Place::Text,
            (Place::String | Place::StringEscape, _) => Place::String,
        };
    }
}

/// Text, and the control characters that only lay it out.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r' | b'\t' | 0x08) || !byte.is_ascii_control()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(text: &str) -> String {
        String::from_utf8(Filter::default().pass(text.as_bytes())).expect("still UTF-8")
    }

    #[test]
    fn text_and_colours_pass() {
        for text in ["Linux 6.1\r\n\tok\n", "\x1b[1;32mOK\x1b[0m done", "grüße"] {
            assert_eq!(passed(text), text);
        }
    }

    #[test]
    fn what_acts_on_the_terminal_does_not() {
        for (text, expected) in [
            ("a\x1b[2J\x1b[Hb", "ab"),
            ("a\x1b]0;title\x07b", "ab"),
            ("a\x1b]52;c;AAAA\x1b\\b", "ab"),
            ("a\x1bP+q\x1b\\b", "ab"),
            ("a\x1b[6nb", "ab"),
            ("a\x1b[>4;1mb", "ab"),
            ("a\x1bcb", "ab"),
            ("a\x1b(Bb", "ab"),
            ("a\x07\x00b", "ab"),
        ] {
            assert_eq!(passed(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_sequence_may_be_cut_by_the_border_of_two_pieces() {
        let mut filter = Filter::default();
        let mut out = filter.pass(b"a\x1b[3");
        out.extend(filter.pass(b"1mb\x1b]0;ti"));
        out.extend(filter.pass(b"tle\x07c"));
        assert_eq!(out, b"a\x1b[31mbc");
    }

    #[test]
    fn an_endless_sequence_is_not_held_for_ever() {
        let text = format!("\x1b[{}x", "1".repeat(1000));
        assert!(passed(&text).len() < 1000);
    }
}
