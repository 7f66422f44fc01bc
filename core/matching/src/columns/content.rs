//! What the values of a column look like.

use super::Kind;
use crate::table::{Column, Table};
use crate::text::{fold, is_nothing};

/// Different values looked at; a column says what it is sooner than that.
const SAMPLE_MAX: usize = 2_000;

/// Shares of a column's different values, 0 to 1.
pub struct Shape {
    /// Rows with a value.
    pub filled: usize,
    /// Different values.
    pub different: usize,
    at_signs: f32,
    digits: f32,
    dates: f32,
    phones: f32,
    words: f32,
}

impl Shape {
    /// Looks at a sample of the values.
    pub fn of(column: &Column, table: &Table) -> Self {
        let mut shape = Shape {
            filled: 0,
            different: 0,
            at_signs: 0.0,
            digits: 0.0,
            dates: 0.0,
            phones: 0.0,
            words: 0.0,
        };
        let nothing: Vec<bool> = (0..column.texts.len() as u32)
            .map(|code| is_nothing(&fold(column.texts.text(code))))
            .collect();
        shape.filled = (0..table.rows())
            .filter(|row| !nothing[column.code(*row) as usize])
            .count();
        shape.different = nothing.iter().filter(|nothing| !**nothing).count();
        let step = (shape.different / SAMPLE_MAX).max(1);
        let mut seen = 0.0f32;
        for code in (1..column.texts.len())
            .step_by(step)
            .filter(|code| !nothing[*code])
        {
            shape.look_at(&fold(column.texts.text(code as u32)));
            seen += 1.0;
        }
        let seen = seen.max(1.0);
        for share in [
            &mut shape.at_signs,
            &mut shape.digits,
            &mut shape.dates,
            &mut shape.phones,
            &mut shape.words,
        ] {
            *share /= seen;
        }
        shape
    }

    fn look_at(&mut self, text: &str) {
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
        let at_sign = text
            .split_once('@')
            .is_some_and(|(_, domain)| domain.contains('.'));
        self.at_signs += f32::from(u8::from(at_sign));
        self.digits += f32::from(u8::from(digits > letters));
        self.words += text.split(' ').count() as f32;
        let dated = (6..=8).contains(&digits) && letters <= 3 && text.contains(['-', '/', '.'])
            || digits == 14;
        self.dates += f32::from(u8::from(dated));
        let marks = text.starts_with('+') || text.contains(['(', '-', ' ', '/']);
        self.phones += f32::from(u8::from(
            (7..=16).contains(&digits) && letters <= 1 && marks && !dated,
        ));
    }

    /// Whether what the header says can be true.
    pub fn may_be(&self, kind: Kind) -> bool {
        match kind {
            Kind::Email => self.at_signs > 0.2,
            Kind::Phone => self.digits > 0.3,
            Kind::BirthDate => self.digits > 0.3,
            Kind::GivenName | Kind::Surname => self.digits < 0.5 && self.words < 6.0,
            Kind::FullName => self.digits < 0.5 && self.words < 7.0,
            _ => true,
        }
    }

    /// A kind by what the values look like alone.
    pub fn kind(&self) -> Kind {
        if self.at_signs > 0.5 {
            Kind::Email
        } else if self.phones > 0.6 {
            Kind::Phone
        } else if self.words > 3.5 && self.digits < 0.5 {
            Kind::Text
        } else {
            Kind::Category
        }
    }

    /// Different in every row of all files.
    pub fn unique_in_all(&self, table: &Table) -> bool {
        self.filled >= 20 && self.filled * 10 >= table.rows() * 9 && self.different >= self.filled
    }

    /// Numbers the rows, of every file by itself or of all: nearly always there and nearly
    /// always different.
    pub fn names_rows(&self, table: &Table) -> bool {
        let per_file = self.different * table.files();
        self.filled * 10 >= table.rows() * 9 && per_file * 20 >= self.filled * 19
    }
}
