//! The only dynamic SQL: filters, sorting and paging of grids.
//!
//! Every piece of text is a `&'static str` of this program (the whitelist is the type); what a user or a device
//! sends can only become a bound parameter.

use crate::Value;

/// A statement put together by [`Select`]. It can be made nowhere else.
#[derive(Debug, Clone)]
pub struct Sql {
    text: String,
}

impl Sql {
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

/// Puts a `SELECT` together.
///
/// In every fragment `?` stands for the next parameter; the builder numbers them.
///
/// ```
/// use store::filter::Select;
/// let mut select = Select::new("SELECT name FROM device WHERE organization_id = ?", vec![7.into()]);
/// select.and("platform = ?", vec!["ios".into()]);
/// select.any(&["name = ?", "serial = ?"], &"x".into());
/// select.order("name", false);
/// select.order("id", false);
/// select.page(50, 100);
/// let (_sql, params) = select.build();
/// assert_eq!(params.len(), 6);
/// ```
#[derive(Debug, Clone)]
pub struct Select {
    text: String,
    params: Vec<Value>,
    ordered: bool,
}

impl Select {
    /// Starts with `SELECT … FROM … WHERE <condition>`; a condition must be there so that more can follow.
    pub fn new(head: &'static str, params: Vec<Value>) -> Self {
        let mut select = Self { text: String::new(), params: Vec::new(), ordered: false };
        select.push(head, params);
        select
    }

    /// Appends a fragment and numbers its placeholders.
    fn push(&mut self, fragment: &'static str, params: Vec<Value>) {
        debug_assert_eq!(fragment.matches('?').count(), params.len(), "{fragment}");
        let mut number = self.params.len();
        for piece in fragment.split_inclusive('?') {
            if let Some(before) = piece.strip_suffix('?') {
                number += 1;
                self.text.push_str(before);
                self.text.push_str(&format!("${number}"));
            } else {
                self.text.push_str(piece);
            }
        }
        self.params.extend(params);
    }

    /// Adds `AND (condition)`.
    pub fn and(&mut self, condition: &'static str, params: Vec<Value>) {
        self.text.push_str(" AND (");
        self.push(condition, params);
        self.text.push(')');
    }

    /// Adds `AND (one OR another …)`, each condition with one placeholder for the same value, as a search box
    /// over several columns needs it. No conditions add nothing.
    pub fn any(&mut self, conditions: &[&'static str], value: &Value) {
        for (index, condition) in conditions.iter().enumerate() {
            self.text.push_str(if index == 0 { " AND (" } else { " OR " });
            self.push(condition, vec![value.clone()]);
        }
        if !conditions.is_empty() {
            self.text.push(')');
        }
    }

    /// Adds `AND column IN (…)`; an empty list matches nothing.
    pub fn one_of(&mut self, column: &'static str, values: Vec<Value>) {
        if values.is_empty() {
            self.text.push_str(" AND 1 = 0");
            return;
        }
        self.text.push_str(" AND ");
        self.text.push_str(column);
        for (index, value) in values.into_iter().enumerate() {
            self.text.push_str(if index == 0 { " IN (" } else { ", " });
            self.push("?", vec![value]);
        }
        self.text.push(')');
    }

    /// Appends a clause such as `GROUP BY platform`.
    pub fn clause(&mut self, clause: &'static str) {
        self.text.push(' ');
        self.text.push_str(clause);
    }

    /// Sorts by one more column or expression. NULLs come last in both directions on both engines.
    pub fn order(&mut self, column: &'static str, descending: bool) {
        self.text.push_str(if self.ordered { ", " } else { " ORDER BY " });
        self.text.push_str(column);
        self.text.push_str(if descending { " DESC NULLS LAST" } else { " ASC NULLS LAST" });
        self.ordered = true;
    }

    /// Adds `LIMIT` and `OFFSET`.
    pub fn page(&mut self, limit: u32, offset: u32) {
        self.push(" LIMIT ? OFFSET ?", vec![limit.into(), offset.into()]);
    }

    /// The statement and its parameters.
    pub fn build(self) -> (Sql, Vec<Value>) {
        (Sql { text: self.text }, self.params)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_numbered_through() {
        let mut select = Select::new("SELECT a FROM t WHERE o = ?", vec![1.into()]);
        select.and("b = ? OR c = ?", vec![2.into(), 3.into()]);
        select.any(&["d = ?", "e = ?"], &4.into());
        select.one_of("f", vec![5.into(), 6.into()]);
        select.one_of("g", vec![]);
        select.order("a", true);
        select.order("id", false);
        select.page(10, 20);
        let (sql, params) = select.build();
        assert_eq!(
            sql.text(),
            "SELECT a FROM t WHERE o = $1 AND (b = $2 OR c = $3) AND (d = $4 OR e = $5) AND f IN ($6, $7) \
             AND 1 = 0 ORDER BY a DESC NULLS LAST, id ASC NULLS LAST LIMIT $8 OFFSET $9"
        );
        assert_eq!(params.len(), 9);
    }
}
