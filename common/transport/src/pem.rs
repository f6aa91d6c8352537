//! PEM texts cut into their blocks, so that several secrets can share one file that is replaced in one step.

/// The blocks of `text` whose label is `label`, each with its BEGIN and END lines; a block that never ends is not
/// one. Text between blocks is a comment.
pub(crate) fn blocks<'a>(text: &'a str, label: &str) -> Vec<&'a str> {
    let begin = format!("-----BEGIN {label}-----");
    let end = format!("-----END {label}-----");
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(&begin) {
        let from_start = &rest[start..];
        let Some(stop) = from_start.find(&end) else { break };
        let length = stop + end.len();
        found.push(&from_start[..length]);
        rest = &from_start[length..];
    }
    found
}

#[cfg(test)]
mod tests {
    use super::blocks;

    #[test]
    fn blocks_are_found_by_label_in_order_and_comments_are_skipped() {
        let text = "note\n-----BEGIN A-----\n1\n-----END A-----\n-----BEGIN B-----\n2\n-----END B-----\n\
                    -----BEGIN A-----\n3\n-----END A-----";
        assert_eq!(
            blocks(text, "A"),
            ["-----BEGIN A-----\n1\n-----END A-----", "-----BEGIN A-----\n3\n-----END A-----"]
        );
        assert_eq!(blocks(text, "B").len(), 1);
        assert!(blocks(text, "C").is_empty());
    }

    #[test]
    fn a_block_without_an_end_is_no_block() {
        assert!(blocks("-----BEGIN A-----\n1\n", "A").is_empty());
    }
}
