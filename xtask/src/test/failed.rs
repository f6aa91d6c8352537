//! Which tests failed, out of the report that the test runner leaves: so that the last lines of a run name them.
//!
//! The report is JUnit's XML as the runner writes it. What is looked for are its elements and attributes, and those never
//! stand unescaped in a test's output.

use camino::Utf8Path;

/// One failed test.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failed {
    /// `berth-db::db operations::an_ended_operation_stays_ended`
    pub(super) name: String,
    /// The first line of what the runner says about it.
    pub(super) why: String,
}

/// The failed tests of a report, in its order; none if there is no report.
pub(super) fn in_report(report: &Utf8Path) -> Vec<Failed> {
    std::fs::read_to_string(report).map(|text| of(&text)).unwrap_or_default()
}

fn of(report: &str) -> Vec<Failed> {
    report.split("<testcase ").skip(1).filter_map(failed).collect()
}

/// What follows `<testcase `: its attributes, then what became of it.
fn failed(case: &str) -> Option<Failed> {
    let (head, rest) = case.split_once('>')?;
    let body = rest.split("</testcase>").next()?;
    let (_, outcome) = body.split_once("<failure").or_else(|| body.split_once("<error"))?;
    let name = format!("{} {}", attribute(head, "classname")?, attribute(head, "name")?);
    let why = attribute(outcome.split('>').next()?, "message").unwrap_or_default();
    Some(Failed { name, why: why.lines().next().unwrap_or_default().to_owned() })
}

fn attribute(element: &str, name: &str) -> Option<String> {
    // With the space before it `name` isn't found at the end of `classname`.
    let element = format!(" {element}");
    let (_, value) = element.split_once(&format!(" {name}=\""))?;
    Some(plain(value.split('"').next()?))
}

/// Without the escapes of XML; `&amp;` comes last, because it begins the others.
fn plain(text: &str) -> String {
    let escapes =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#10;", "\n"), ("&amp;", "&")];
    escapes.iter().fold(text.to_owned(), |text, (escape, meant)| text.replace(escape, meant))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = r#"<testsuites><testsuite name="berth-db::db">
        <testcase name="a::passes" classname="berth-db::db" time="0.1"></testcase>
        <testcase name="a::also_passes" classname="berth-db::db" time="0.1"/>
        <testcase name="b::fails" classname="berth-db::db" time="0.3">
            <failure message="thread &apos;b&apos; panicked&#10;left &lt; right" type="test failure">all &lt;failure of it</failure>
            <system-out>&lt;testcase name=&quot;no&quot;</system-out>
        </testcase>
        <testcase classname="berth-db::db" name="c::is_late"><error type="test timeout">late</error></testcase>
    </testsuite></testsuites>"#;

    #[test]
    fn failed_tests_are_named_with_their_first_words_and_no_other() {
        let failed = |name: &str, why: &str| Failed { name: name.to_owned(), why: why.to_owned() };
        let expected =
            [failed("berth-db::db b::fails", "thread 'b' panicked"), failed("berth-db::db c::is_late", "")];
        assert_eq!(of(REPORT), expected);
        assert_eq!(of(""), []);
        assert_eq!(of("<testcase name=\"cut of"), []);
    }
}
