//! Every format prints the same records, each in its way.

use super::*;

#[derive(Serialize)]
struct Boat {
    name: &'static str,
    length_bytes: u64,
}

const COLUMNS: &[Column<Boat>] = &[
    Column::listed("name", |boat| Cell::text(boat.name)),
    Column::listed("length", |boat| Cell::Bytes(boat.length_bytes)),
    Column::on_request("shout", |boat| Cell::text(boat.name.to_uppercase())),
];

const FLEET: [Boat; 2] =
    [Boat { name: "gull", length_bytes: 2048 }, Boat { name: "a, \"b\"", length_bytes: 1 << 30 }];

fn output(format: Format, columns: &[&str]) -> Output {
    Output { format, columns: columns.iter().map(ToString::to_string).collect() }
}

fn list(format: Format, columns: &[&str]) -> String {
    output(format, columns).list_text(&FLEET, COLUMNS, &Names::new(), None).expect("printable")
}

#[test]
fn a_table_has_a_heading_and_amounts_at_the_right() {
    assert_eq!(list(Format::Table, &[]), "NAME    LENGTH\ngull     2 KiB\na, \"b\"   1 GiB\n");
}

#[test]
fn csv_has_raw_values_and_quotes_what_must_be() {
    assert_eq!(list(Format::Csv, &[]), "name,length\ngull,2048\n\"a, \"\"b\"\"\",1073741824\n");
}

#[test]
fn json_and_yaml_have_the_record_as_it_is() {
    let json: serde_json::Value = serde_json::from_str(&list(Format::Json, &[])).expect("JSON");
    let yaml: serde_json::Value = serde_yaml_ng::from_str(&list(Format::Yaml, &[])).expect("YAML");
    assert_eq!(json, yaml);
    assert_eq!(json[0]["length_bytes"], 2048);
}

#[test]
fn chosen_columns_come_in_the_chosen_order() {
    assert_eq!(
        list(Format::Csv, &["shout", "name"]),
        "shout,name\nGULL,gull\n\"A, \"\"B\"\"\",\"a, \"\"b\"\"\"\n"
    );
}

#[test]
fn an_unknown_column_is_a_usage_error_that_lists_the_known() {
    let error = output(Format::Table, &["colour"])
        .list_text(&FLEET, COLUMNS, &Names::new(), None)
        .expect_err("no such column");
    assert!(matches!(&error, Failure::Usage(text) if text.contains("name, length, shout")), "{error:?}");
}

#[test]
fn columns_of_a_format_without_any_are_a_usage_error() {
    let args = OutputArgs { output: Format::Json, columns: vec!["name".into()], quiet: false };
    assert!(matches!(Output::new(&args), Err(Failure::Usage(_))));
}

#[test]
fn a_single_record_shows_every_column() {
    let text = output(Format::Table, &[]).record_text(&FLEET[0], COLUMNS, &Names::new()).expect("printable");
    assert_eq!(text, "name    gull\nlength  2 KiB\nshout   GULL\n");
}

#[test]
fn a_narrow_terminal_wraps_and_loses_nothing() {
    let boats = [Boat { name: "a rather long name of a boat", length_bytes: 1 }];
    let text =
        output(Format::Table, &[]).list_text(&boats, COLUMNS, &Names::new(), Some(24)).expect("printable");
    assert!(text.lines().all(|line| line.chars().count() <= 24), "{text}");
    let words: Vec<&str> = text.split_whitespace().collect();
    for word in "a rather long name of a boat".split(' ') {
        assert!(words.contains(&word), "{word} in {text}");
    }
}

#[test]
fn in_a_narrow_terminal_only_sentences_are_wrapped() {
    struct Told(&'static str, &'static str);
    impl Serialize for Told {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(self.0)
        }
    }
    let columns: &[Column<Told>] = &[
        Column::listed("kind", |told| Cell::text(told.0)),
        Column::listed("message", |told| Cell::text(told.1)),
        Column::listed("size", |_| Cell::BytesOf(1 << 20, 3 << 30)),
    ];
    let items = [
        Told("instance_restart_cancelled", "not started again: its restart policy is never now"),
        Told("vmm_running", "runs"),
    ];
    let text =
        output(Format::Table, &[]).list_text(&items, columns, &Names::new(), Some(62)).expect("printable");
    assert!(text.lines().all(|line| line.chars().count() <= 62), "{text}");
    assert!(text.lines().next().is_some_and(|heading| heading.ends_with("SIZE")), "{text}");
    for whole in ["instance_restart_cancelled", "cancelled  not started", "1 MiB / 3 GiB", "policy", "again:"]
    {
        assert!(text.contains(whole), "{whole}: {text}");
    }
}

#[test]
fn an_empty_list_is_a_heading_or_an_empty_list() {
    let empty =
        |format| output(format, &[]).list_text::<Boat>(&[], COLUMNS, &Names::new(), None).expect("printable");
    assert_eq!(empty(Format::Table), "NAME  LENGTH\n");
    assert_eq!(empty(Format::Csv), "name,length\n");
    assert_eq!(empty(Format::Json), "[]\n");
}

#[test]
fn an_id_is_never_cut_in_two() {
    struct Named(&'static str);
    impl Serialize for Named {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(self.0)
        }
    }
    let columns: &[Column<Named>] = &[
        Column::listed("id", |_| Cell::Of(uuid::Uuid::from_u128(7))),
        Column::listed("words", |named| Cell::text(named.0)),
    ];
    let items = [Named("so many words that they need more than a line")];
    let text =
        output(Format::Table, &[]).list_text(&items, columns, &Names::new(), Some(60)).expect("printable");
    assert!(text.contains(&uuid::Uuid::from_u128(7).to_string()), "{text}");
    assert!(text.lines().count() > 2, "{text}");
}
