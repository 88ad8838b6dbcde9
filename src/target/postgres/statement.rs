//! A statement with all it needs: a value that can be sent, and sent again.

use tokio_postgres::types::{ToSql, Type};

/// One statement and its parameters, `$1` first.
#[derive(Debug, Clone, Default)]
pub struct Statement {
    /// The words.
    pub sql: String,
    parameters: Vec<Parameter>,
}

/// A parameter. Everything but seals travels as text and gets its type in the statement, so that a column may
/// have another type than the mapping would give it.
#[derive(Debug, Clone)]
enum Parameter {
    Text(String),
    Texts(Vec<Option<String>>),
    Numbers(Vec<i64>),
    Number(i64),
}

impl Statement {
    /// Without parameters.
    pub fn new(sql: impl Into<String>) -> Self {
        Self {
            sql: sql.into(),
            parameters: Vec::new(),
        }
    }

    /// One more parameter: a text.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.parameters.push(Parameter::Text(storable(text.into())));
        self
    }

    /// One more parameter: a list of texts.
    #[must_use]
    pub fn texts<T: Into<String>>(self, texts: impl IntoIterator<Item = T>) -> Self {
        self.column(texts.into_iter().map(|text| Some(text.into())).collect())
    }

    /// One more parameter: a column of rows, some of which have nothing in it.
    #[must_use]
    pub fn column(mut self, column: Vec<Option<String>>) -> Self {
        let storable = column.into_iter().map(|text| text.map(storable)).collect();
        self.parameters.push(Parameter::Texts(storable));
        self
    }

    /// One more parameter: a list of numbers.
    #[must_use]
    pub fn numbers(mut self, numbers: Vec<i64>) -> Self {
        self.parameters.push(Parameter::Numbers(numbers));
        self
    }

    /// One more parameter: a number.
    #[must_use]
    pub fn number(mut self, number: i64) -> Self {
        self.parameters.push(Parameter::Number(number));
        self
    }

    /// The parameters with their types, so that the server need not be asked for them.
    pub fn typed(&self) -> Vec<(&(dyn ToSql + Sync), Type)> {
        self.parameters.iter().map(Parameter::typed).collect()
    }
}

/// A text as a column takes it: PostgreSQL has no place for the zero character, and would refuse all rows that
/// travel with it.
pub fn storable(text: String) -> String {
    match text.contains('\0') {
        true => text.replace('\0', ""),
        false => text,
    }
}

impl Parameter {
    fn typed(&self) -> (&(dyn ToSql + Sync), Type) {
        match self {
            Self::Text(text) => (text, Type::TEXT),
            Self::Texts(texts) => (texts, Type::TEXT_ARRAY),
            Self::Numbers(numbers) => (numbers, Type::INT8_ARRAY),
            Self::Number(number) => (number, Type::INT8),
        }
    }
}
