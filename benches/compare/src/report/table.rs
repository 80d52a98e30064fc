//! A table in Markdown.

use std::fmt::{self, Display, Write as _};

use super::NOTHING;
use crate::candidates::Role;
use crate::rounds::Row;
use crate::work::Work;

pub(super) struct Table {
    works: Vec<Work>,
    text: String,
}

impl Table {
    /// A column for each work.
    pub(super) fn new(corner: &'static str, works: &[Work]) -> Self {
        let titles = works.iter().copied().map(Work::title);
        let mut table = Self::of_columns([corner].into_iter().chain(titles));
        table.works = works.to_vec();
        table
    }

    pub(super) fn of_columns<'a>(columns: impl IntoIterator<Item = &'a str> + Clone) -> Self {
        let mut table = Self {
            works: Vec::new(),
            text: String::new(),
        };
        table.line(columns.clone());
        table.line(columns.into_iter().map(|_| "---"));
        table
    }

    /// A row of which something is known.
    pub(super) fn row(&mut self, row: &Row, cell: impl Fn(Work) -> Option<String>) {
        let cells: Vec<_> = self.works.iter().copied().map(cell).collect();
        if cells.iter().any(Option::is_some) {
            let name = match row.role {
                Role::Ours { .. } => format!("**{}**", row.name),
                Role::Floor | Role::Peer => row.name.clone(),
            };
            self.cells([Some(name)].into_iter().chain(cells));
        }
    }

    pub(super) fn cells(&mut self, cells: impl IntoIterator<Item = Option<String>>) {
        let cells: Vec<_> = cells.into_iter().collect();
        self.line(cells.iter().map(|cell| cell.as_deref().unwrap_or(NOTHING)));
    }

    fn line<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) {
        self.text.push('|');
        for cell in cells {
            let _ = write!(self.text, " {cell} |");
        }
        self.text.push('\n');
    }
}

impl Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
