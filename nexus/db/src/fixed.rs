//! A statement whose text never changes, so that a connection prepares it once.
//!
//! Diesel prepares each `sql_query` and each UPDATE anew: two more round trips and twice the server's work. This is
//! the same thing with a `&'static str`, which the connection keeps as a prepared statement.

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{HasSqlType, Untyped};
use std::fmt;
use std::marker::PhantomData;

/// A fixed statement and its values. Placeholders are `$1` … as in PostgreSQL, in any order, also repeated.
#[must_use = "a statement does nothing until it is executed or loaded"]
pub struct Fixed<'v> {
    sql: &'static str,
    values: Vec<Box<dyn QueryFragment<Pg> + Send + 'v>>,
}

/// A statement with this text. What it returns is read by name (`QueryableByName`).
pub fn fixed<'v>(sql: &'static str) -> Fixed<'v> {
    Fixed { sql, values: Vec::new() }
}

impl<'v> Fixed<'v> {
    /// The value of the next placeholder.
    pub fn bind<ST, V>(mut self, value: V) -> Self
    where
        Pg: HasSqlType<ST>,
        V: ToSql<ST, Pg> + Send + 'v,
        ST: Send + 'v,
    {
        self.values.push(Box::new(Value { value, kind: PhantomData::<ST> }));
        self
    }
}

struct Value<ST, V> {
    value: V,
    kind: PhantomData<ST>,
}

impl<ST, V> QueryFragment<Pg> for Value<ST, V>
where
    Pg: HasSqlType<ST>,
    V: ToSql<ST, Pg>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_bind_param(&self.value)
    }
}

impl QueryFragment<Pg> for Fixed<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        for piece in pieces(self.sql) {
            match piece {
                Piece::Text(text) => out.push_sql(text),
                // Numbered anew by the order of appearance; a repeated placeholder sends its value again.
                Piece::Value(number) => match self.values.get(number.wrapping_sub(1)) {
                    Some(value) => value.walk_ast(out.reborrow())?,
                    None => {
                        return Err(diesel::result::Error::QueryBuilderError("a value is missing".into()));
                    }
                },
            }
        }
        Ok(())
    }
}

#[derive(Debug, PartialEq)]
enum Piece<'a> {
    Text(&'a str),
    Value(usize),
}

fn pieces(sql: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    for (index, part) in sql.split('$').enumerate() {
        if index == 0 {
            found.push(Piece::Text(part));
            continue;
        }
        let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        found.push(Piece::Value(part[..digits].parse().unwrap_or(0)));
        found.push(Piece::Text(&part[digits..]));
    }
    found
}

impl QueryId for Fixed<'_> {
    type QueryId = ();
    // The text itself is the key under which the connection keeps the statement.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Fixed<'_> {
    type SqlType = Untyped;
}

impl<Conn> diesel::query_dsl::RunQueryDsl<Conn> for Fixed<'_> {}

impl fmt::Debug for Fixed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fixed").field("sql", &self.sql).field("values", &self.values.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_found_wherever_they_stand() {
        let found = pieces("a $1, $12::text $1");
        let expected = [
            Piece::Text("a "),
            Piece::Value(1),
            Piece::Text(", "),
            Piece::Value(12),
            Piece::Text("::text "),
            Piece::Value(1),
            Piece::Text(""),
        ];
        assert_eq!(found, expected);
    }
}
