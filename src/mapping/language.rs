//! MiniJinja as expressions get it: what they can call beside paths.

use std::cmp::Ordering;
use std::sync::LazyLock;

use minijinja::machinery::ast;
use minijinja::{Environment, UndefinedBehavior, Value, context};

use super::catalogue::closest;

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
    environment.add_filter("or_zero", |amount: Value| match amount.as_str() {
        Some("") => Value::from(0),
        _ => amount,
    });
    // `selectattr('total', 'gt', 1000)`: an empty amount counts as zero, as it does with `>`.
    for name in ["gt", "greaterthan", ">"] {
        environment.add_test(name, |left: &Value, right: &Value| by_size(left, right).is_gt());
    }
    for name in ["ge", ">="] {
        environment.add_test(name, |left: &Value, right: &Value| by_size(left, right).is_ge());
    }
    for name in ["lt", "lessthan", "<"] {
        environment.add_test(name, |left: &Value, right: &Value| by_size(left, right).is_lt());
    }
    for name in ["le", "<="] {
        environment.add_test(name, |left: &Value, right: &Value| by_size(left, right).is_le());
    }
    environment
});

fn by_size(left: &Value, right: &Value) -> Ordering {
    let zero = Value::from(0);
    let or_zero = |value: &Value, other: &Value| value.as_str() == Some("") && other.is_number();
    match (or_zero(left, right), or_zero(right, left)) {
        (true, _) => zero.cmp(right),
        (_, true) => left.cmp(&zero),
        _ => left.cmp(right),
    }
}

/// The functions an expression can call.
pub const FUNCTIONS: [&str; 2] = ["range", "dict"];

/// What to say when there is no such `filter` or `test`; `None` when there is.
///
/// Filters and tests are looked up at evaluation, so a mistyped one would show with the first contact.
pub fn unknown(what: &str, name: &str) -> Option<String> {
    let question = format!("name is {what}");
    let answer = ENVIRONMENT
        .compile_expression_owned(question)
        .and_then(|expression| expression.eval(context! { name => name }));
    if answer.is_ok_and(|answer: Value| answer.is_true()) {
        return None;
    }
    let known = if what == "filter" { FILTERS } else { TESTS };
    let suggestion = match closest(name, known.iter().map(|name| (*name).to_owned())) {
        Some(near) => format!("; the nearest known is `{near}`"),
        None => String::new(),
    };
    Some(format!("unknown {what} `{name}`{suggestion}"))
}

/// For suggestions only; what exists is asked of MiniJinja itself.
const FILTERS: &[&str] = &[
    "abs",
    "attr",
    "batch",
    "bool",
    "capitalize",
    "count",
    "default",
    "dictsort",
    "first",
    "float",
    "format",
    "groupby",
    "int",
    "items",
    "join",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "select",
    "selectattr",
    "slice",
    "sort",
    "split",
    "string",
    "sum",
    "title",
    "tojson",
    "trim",
    "unique",
    "upper",
    "zip",
];
const TESTS: &[&str] = &[
    "boolean",
    "defined",
    "divisibleby",
    "endingwith",
    "eq",
    "even",
    "false",
    "float",
    "ge",
    "gt",
    "in",
    "integer",
    "iterable",
    "le",
    "lower",
    "lt",
    "mapping",
    "ne",
    "none",
    "number",
    "odd",
    "sequence",
    "startingwith",
    "string",
    "true",
    "undefined",
    "upper",
];

/// The attribute that a filter reads of each entry, where it is written out.
pub fn attribute_argument<'a>(filter: &'a ast::Filter<'_>) -> Option<&'a str> {
    let first_is_attribute = matches!(filter.name, "selectattr" | "rejectattr" | "groupby" | "sum");
    filter
        .args
        .iter()
        .enumerate()
        .find_map(|(position, argument)| match argument {
            ast::CallArg::Kwarg("attribute", ast::Expr::Const(value)) => value.value.as_str(),
            ast::CallArg::Pos(ast::Expr::Const(value)) if position == 0 && first_is_attribute => {
                value.value.as_str()
            }
            ast::CallArg::Pos(ast::Expr::Const(value)) if position == 1 && filter.name == "join" => {
                value.value.as_str()
            }
            _ => None,
        })
}
