//! How results are printed: a table for people, JSON, YAML and CSV for programs.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write as _};

use clap::{Args, ValueEnum};
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};
use futures::StreamExt as _;
use serde::Serialize;

use crate::cell::{Cell, Names};
use crate::failure::Failure;
use crate::generated::ByteStream;
use crate::widths::{Wish, widths};

/// Format of what is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Table,
    /// The records as the API has them.
    Json,
    /// The same as YAML.
    Yaml,
    /// Columns with raw values: bytes, milliseconds, ids.
    Csv,
}

/// Options of every command that prints.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Format of what is printed
    #[arg(
        short,
        long,
        global = true,
        value_enum,
        default_value_t,
        env = "BERTH_OUTPUT",
        hide_env_values = true
    )]
    pub output: Format,
    /// Columns of table and CSV, separated by commas; `help` lists them
    #[arg(long, global = true, value_delimiter = ',', value_name = "NAMES")]
    pub columns: Vec<String>,
    /// Show no progress
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

/// A column of `T`s.
#[derive(Clone, Copy, Debug)]
pub struct Column<T> {
    /// Its name, in heading and `--columns`.
    pub name: &'static str,
    /// Whether lists have it when nothing is chosen. A single record shows all.
    pub listed: bool,
    /// Its value.
    pub cell: fn(&T) -> Cell,
}

impl<T> Column<T> {
    /// A column that lists show.
    pub const fn listed(name: &'static str, cell: fn(&T) -> Cell) -> Self {
        Column { name, listed: true, cell }
    }

    /// A column that is shown of a single record, or when chosen.
    pub const fn on_request(name: &'static str, cell: fn(&T) -> Cell) -> Self {
        Column { name, listed: false, cell }
    }
}

/// Where and how to print.
#[derive(Clone, Debug, Default)]
pub struct Output {
    /// The format.
    pub format: Format,
    columns: Vec<String>,
}

impl Output {
    /// As the options say.
    ///
    /// Errors: `Usage` for columns of a format that has none.
    pub fn new(args: &OutputArgs) -> Result<Self, Failure> {
        if !args.columns.is_empty() && !matches!(args.output, Format::Table | Format::Csv) {
            return Err(Failure::Usage("--columns goes with `-o table` and `-o csv`".to_string()));
        }
        Ok(Output { format: args.output, columns: args.columns.clone() })
    }

    /// Whether a person reads it.
    pub fn is_for_people(&self) -> bool {
        self.format == Format::Table
    }

    /// Prints a list.
    pub fn list<T: Serialize>(
        &self,
        items: &[T],
        columns: &[Column<T>],
        names: &Names,
    ) -> Result<(), Failure> {
        print(&self.list_text(items, columns, names, terminal_width())?)
    }

    /// Prints one record.
    pub fn record<T: Serialize>(
        &self,
        item: &T,
        columns: &[Column<T>],
        names: &Names,
    ) -> Result<(), Failure> {
        print(&self.record_text(item, columns, names)?)
    }

    /// Prints a sentence to people, the record to programs.
    pub fn done<T: Serialize>(&self, item: &T, columns: &[Column<T>], sentence: &str) -> Result<(), Failure> {
        if self.is_for_people() {
            print(&format!("{sentence}\n"))
        } else {
            self.record(item, columns, &Names::new())
        }
    }

    /// Prints a sentence to people; programs have the exit code.
    pub fn gone(&self, sentence: &str) -> Result<(), Failure> {
        if self.is_for_people() { print(&format!("{sentence}\n")) } else { Ok(()) }
    }

    /// Prints records that keep coming: one line each as table, CSV and JSON, one document each as YAML.
    pub fn one_of_many<T: Serialize>(
        &self,
        item: &T,
        columns: &[Column<T>],
        line: impl FnOnce(&T) -> String,
    ) -> Result<(), Failure> {
        match self.format {
            Format::Table => print(&format!("{}\n", line(item))),
            Format::Json => print(&format!("{}\n", serde_json::to_string(item).map_err(unwritable)?)),
            Format::Yaml => print(&format!("---\n{}", serde_yaml_ng::to_string(item).map_err(unwritable)?)),
            Format::Csv => print(&csv_text(&[], std::slice::from_ref(item), &self.chosen(columns, false)?)?),
        }
    }

    fn list_text<T: Serialize>(
        &self,
        items: &[T],
        columns: &[Column<T>],
        names: &Names,
        width: Option<u16>,
    ) -> Result<String, Failure> {
        match self.format {
            Format::Json => json_text(items),
            Format::Yaml => serde_yaml_ng::to_string(items).map_err(unwritable),
            Format::Csv => {
                let chosen = self.chosen(columns, false)?;
                csv_text(&heading(&chosen), items, &chosen)
            }
            Format::Table => Ok(table_text(items, &self.chosen(columns, false)?, names, width)),
        }
    }

    fn record_text<T: Serialize>(
        &self,
        item: &T,
        columns: &[Column<T>],
        names: &Names,
    ) -> Result<String, Failure> {
        match self.format {
            Format::Json => json_text(item),
            Format::Yaml => serde_yaml_ng::to_string(item).map_err(unwritable),
            Format::Csv => {
                let chosen = self.chosen(columns, true)?;
                csv_text(&heading(&chosen), std::slice::from_ref(item), &chosen)
            }
            Format::Table => {
                let chosen = self.chosen(columns, true)?;
                let longest = chosen.iter().map(|column| column.name.len()).max().unwrap_or(0);
                Ok(chosen.iter().fold(String::new(), |mut text, column| {
                    let value = (column.cell)(item).for_people(names);
                    let _infallible = writeln!(text, "{:longest$}  {value}", column.name);
                    text
                }))
            }
        }
    }

    fn chosen<'a, T>(&self, columns: &'a [Column<T>], all: bool) -> Result<Vec<&'a Column<T>>, Failure> {
        if self.columns.is_empty() {
            return Ok(columns.iter().filter(|column| all || column.listed).collect());
        }
        let find = |name: &String| {
            columns.iter().find(|column| column.name == name.as_str()).ok_or_else(|| {
                let known: Vec<&str> = columns.iter().map(|column| column.name).collect();
                Failure::Usage(format!("there is no column {name:?}; there are: {}", known.join(", ")))
            })
        };
        self.columns.iter().map(find).collect()
    }
}

/// Prints to standard output.
pub fn print(text: &str) -> Result<(), Failure> {
    print_bytes(text.as_bytes())
}

/// The same with bytes.
pub fn print_bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    Ok(out.flush()?)
}

/// The same with a body that comes in pieces.
pub async fn print_pieces(page: ByteStream) -> Result<(), Failure> {
    let mut pieces = page.into_inner();
    while let Some(piece) = pieces.next().await {
        let broke_off = |error: reqwest::Error| {
            Failure::local(format!("the page broke off: {}", error.without_url()), "ask again")
        };
        print_bytes(&piece.map_err(broke_off)?)?;
    }
    Ok(())
}

/// Says something beside the result, on standard error. A closed standard error stops nothing.
pub fn note(text: &str) {
    let _nobody_reads = writeln!(io::stderr(), "{text}");
}

fn terminal_width() -> Option<u16> {
    if !io::stdout().is_terminal() {
        return None;
    }
    console::Term::stdout().size_checked().map(|(_, columns)| columns)
}

fn unwritable(error: impl std::fmt::Display) -> Failure {
    Failure::Local { message: format!("the answer can't be printed in this format: {error}"), help: None }
}

fn json_text<T: Serialize + ?Sized>(value: &T) -> Result<String, Failure> {
    Ok(serde_json::to_string_pretty(value).map_err(unwritable)? + "\n")
}

fn heading<T>(columns: &[&Column<T>]) -> Vec<String> {
    columns.iter().map(|column| column.name.to_string()).collect()
}

fn csv_text<T>(heading: &[String], items: &[T], columns: &[&Column<T>]) -> Result<String, Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    if !heading.is_empty() {
        writer.write_record(heading).map_err(unwritable)?;
    }
    for item in items {
        let row = columns.iter().map(|column| (column.cell)(item).for_programs());
        writer.write_record(row).map_err(unwritable)?;
    }
    let bytes = writer.into_inner().map_err(unwritable)?;
    String::from_utf8(bytes).map_err(unwritable)
}

/// Between two columns.
const GAP: u16 = 2;

/// A table without lines: easy to read, to copy and to cut. `width` is the terminal's; nobody wraps without one.
fn table_text<T>(items: &[T], columns: &[&Column<T>], names: &Names, width: Option<u16>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(columns.iter().map(|column| column.name.to_uppercase()));
    for item in items {
        table.add_row(columns.iter().map(|column| {
            let cell = (column.cell)(item);
            let shown = comfy_table::Cell::new(cell.for_people(names));
            if cell.is_amount() { shown.set_alignment(CellAlignment::Right) } else { shown }
        }));
    }
    let widths = width.map(|width| {
        let wishes: Vec<Wish> = columns.iter().map(|column| wish(items, column, names)).collect();
        let gaps = usize::from(GAP) * columns.len().saturating_sub(1);
        widths(&wishes, usize::from(width).saturating_sub(gaps))
    });
    if widths.is_some() {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(u16::MAX);
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        let gap = if index + 1 < columns.len() { GAP } else { 0 };
        column.set_padding((0, gap));
        if let Some(width) = widths.as_ref().and_then(|widths| widths.get(index)) {
            let width = u16::try_from(*width).unwrap_or(u16::MAX).saturating_add(gap);
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
        }
    }
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_string()).collect();
    lines.join("\n") + "\n"
}

/// What a column would like to have.
fn wish<T>(items: &[T], column: &Column<T>, names: &Names) -> Wish {
    let cells = items.iter().map(|item| (column.cell)(item));
    let heading = Cell::Text(column.name.to_string());
    let mut wish = Wish::default();
    for cell in cells.chain([heading]) {
        let text = cell.for_people(names);
        let word = text.split(' ').map(console::measure_text_width).max().unwrap_or_default();
        wish.line = wish.line.max(console::measure_text_width(&text));
        wish.word = wish.word.max(word);
        // An amount and its unit belong together.
        wish.whole |= cell.is_whole() || cell.is_amount();
    }
    wish
}

#[cfg(test)]
#[path = "output_tests.rs"]
mod tests;
