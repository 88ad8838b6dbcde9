//! One expression, compiled: a bare path is a plain field access, everything else is MiniJinja's.

use std::sync::{Arc, LazyLock};

use minijinja::machinery::{Span, ast, parse_expr};
use minijinja::{Environment, Expression as Instructions, UndefinedBehavior};

use super::context::Scope;
use super::names::{Fault, Named, names};
use super::paths::{Field, Over, Root};
use super::statuses::Statuses;
use super::value::{called, from_computed, from_natural};
use crate::error::{Error, Kind, Result};
use crate::model::{Contact, OrderOf, Value, ValueType};

/// MiniJinja as expressions get it: its own filters, no templates, nothing undefined.
///
/// An expression has neither loops nor macros, so it runs at most as many instructions as it is
/// long: it needs no fuel, only a limit on its length.
pub static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_recursion_limit(50);
    // Only these two functions are let through by the check; `debug` would print the whole contact.
    environment.remove_global("debug");
    environment.remove_global("namespace");
    environment
});

/// In characters. A longer one could nest deeper than the stack, and nobody could read it.
const LONGEST_EXPRESSION: usize = 2_000;

/// A compiled expression and what it is for.
#[derive(Debug)]
pub struct Expression {
    text: String,
    form: Form,
    named: Named,
    over: Over,
    /// What errors say it is: ``field `note` of target `crm` ``.
    owner: String,
}

#[derive(Debug)]
enum Form {
    Path(Root, &'static Field),
    Computed(Instructions<'static, 'static>),
}

impl Expression {
    /// Compiles and checks one expression. `place` is `file:line:column`.
    ///
    /// # Errors
    /// A syntax error, an unknown path, filter, test or function: with its place and the nearest known.
    pub fn compile(text: &str, over: Over, owner: String, place: &str) -> Result<Self> {
        let refused = |cause: String| {
            Error::new(Kind::Configuration, format!("reading {owner} at {place}"), cause)
                .with_hint("`shoptet-sync fields` lists every value an expression can use")
        };
        if text.chars().count() > LONGEST_EXPRESSION {
            return Err(refused(format!(
                "the expression is longer than {LONGEST_EXPRESSION} characters"
            )));
        }
        let tree = parse_expr(text).map_err(|cause| {
            let detail = cause.detail().unwrap_or("it is not understood");
            refused(format!("syntax error in `{text}`: {detail}"))
        })?;
        let described = |fault: Fault| refused(describe(text, &fault));
        let named = names(&tree, over).map_err(described)?;
        let form = match bare_path(&tree, over) {
            Some((root, field)) => Form::Path(root, field),
            None => Form::Computed(
                ENVIRONMENT
                    .compile_expression_owned(text.to_owned())
                    .map_err(|cause| refused(format!("`{text}` does not compile: {}", cause.kind())))?,
            ),
        };
        Ok(Self {
            text: text.to_owned(),
            form,
            named,
            over,
            owner,
        })
    }

    /// The natural type of a bare path; text for everything that is computed.
    pub fn natural_kind(&self) -> ValueType {
        match &self.form {
            Form::Path(_, field) => field.kind,
            Form::Computed(_) => ValueType::Text,
        }
    }

    /// As it stands in the configuration.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it names.
    pub const fn named(&self) -> Named {
        self.named
    }

    /// The value for one contact or order, as the given type.
    ///
    /// # Errors
    /// A bad record when it cannot be computed or does not fit; names the field, never the value.
    pub fn value(&self, sight: &mut Sight<'_>, kind: ValueType) -> Result<Value> {
        let fitted = match &self.form {
            Form::Path(root, field) => from_natural(sight.read(*root, field), kind),
            Form::Computed(instructions) => from_computed(&self.evaluate(instructions, sight)?, kind),
        };
        fitted.map_err(|misfit| self.bad_record(format!("the result is {}, not {}", misfit.0, called(kind))))
    }

    /// Whether the result counts as yes: neither empty, nor zero, nor false.
    ///
    /// # Errors
    /// A bad record when it cannot be computed.
    pub fn holds(&self, sight: &mut Sight<'_>) -> Result<bool> {
        Ok(match &self.form {
            Form::Path(root, field) => super::context::computed(sight.read(*root, field)).is_true(),
            Form::Computed(instructions) => self.evaluate(instructions, sight)?.is_true(),
        })
    }

    fn evaluate(
        &self,
        instructions: &Instructions<'_, '_>,
        sight: &mut Sight<'_>,
    ) -> Result<minijinja::Value> {
        instructions.eval(sight.variables(self.over)).map_err(|cause| {
            // MiniJinja's detail may quote the contact's own values; on invented ones it may be shown.
            let detail = cause.detail().filter(|_| sight.invented);
            let reason = match detail {
                Some(detail) => format!("`{}`: {}: {detail}", self.text, cause.kind()),
                None => format!("`{}`: {}", self.text, cause.kind()),
            };
            self.bad_record(reason)
        })
    }

    fn bad_record(&self, cause: String) -> Error {
        Error::new(Kind::BadRecord, format!("computing {}", self.owner), cause)
            .with_hint("`shoptet-sync fields WHO` shows what the expression sees of this contact")
    }
}

/// What the expressions of one evaluation look at; the variables are made when the first one needs them.
pub struct Sight<'a> {
    contact: &'a Contact,
    order: Option<&'a OrderOf>,
    statuses: &'a Arc<Statuses>,
    /// Whether a computed order field names the contact.
    shows_contact: bool,
    /// Whether the values are invented ones, which errors may quote.
    invented: bool,
    variables: Option<minijinja::Value>,
}

impl<'a> Sight<'a> {
    /// For `[target.fields]` and `only`.
    pub const fn of_contact(contact: &'a Contact, statuses: &'a Arc<Statuses>) -> Self {
        Self {
            contact,
            order: None,
            statuses,
            shows_contact: true,
            invented: false,
            variables: None,
        }
    }

    /// For `[target.order_fields]`.
    pub const fn of_order(
        contact: &'a Contact,
        order: &'a OrderOf,
        statuses: &'a Arc<Statuses>,
        shows_contact: bool,
    ) -> Self {
        Self {
            contact,
            order: Some(order),
            statuses,
            shows_contact,
            invented: false,
            variables: None,
        }
    }

    /// The same, of an invented contact.
    pub const fn invented(mut self) -> Self {
        self.invented = true;
        self
    }

    fn read(&self, root: Root, field: &Field) -> super::paths::Natural<'a> {
        (field.read)(root.at(self.contact, self.order, self.statuses))
    }

    fn variables(&mut self, over: Over) -> minijinja::Value {
        let variables = self.variables.get_or_insert_with(|| {
            let scope = match self.order {
                Some(order) => {
                    Scope::of_order(self.shows_contact.then_some(self.contact), order, self.statuses)
                }
                None => Scope::of_contact(self.contact, self.statuses),
            };
            scope.into_variables(over)
        });
        variables.clone()
    }
}

/// `contact.email`, and nothing more.
fn bare_path(tree: &ast::Expr<'_>, over: Over) -> Option<(Root, &'static Field)> {
    let ast::Expr::GetAttr(attribute) = tree else {
        return None;
    };
    let ast::Expr::Var(variable) = &attribute.expr else {
        return None;
    };
    let root = over.root(variable.id).filter(|root| *root != Root::Orders)?;
    Some((root, root.field(attribute.name)?))
}

fn describe(text: &str, fault: &Fault) -> String {
    let Span {
        start_offset,
        end_offset,
        ..
    } = fault.span;
    let part = usize::try_from(start_offset)
        .ok()
        .zip(usize::try_from(end_offset).ok())
        .and_then(|(start, end)| text.get(start..end))
        .filter(|part| *part != text && !part.is_empty());
    match part {
        Some(part) => format!("{} (in `{text}`, at `{part}`)", fault.cause),
        None => format!("{} (in `{text}`)", fault.cause),
    }
}
