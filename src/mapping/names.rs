//! Which paths does an expression name, and do they exist: a walk over its syntax tree.
//!
//! A path is known statically through attributes, list entries and the filters that hand records
//! on (`orders | selectattr('paid') | map(attribute='total')`). Where a record is put into
//! something that the walk does not follow, all of it counts as named.

use minijinja::machinery::{Span, ast};
use minijinja::{Value, context};

use super::catalogue::{closest, nearest};
use super::paths::{Element, Field, Holds, Load, Over, Root};

/// What the named paths need to have loaded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Named {
    pub orders: bool,
    pub order_details: bool,
    pub items: bool,
    pub customer_details: bool,
    /// Whether a value of `contact`, `customer`, `stats` is named at all.
    pub contact: bool,
}

impl Named {
    /// Notes one value.
    pub fn note(&mut self, root: Root, field: &Field) {
        self.orders |= root == Root::Orders;
        self.contact |= !matches!(root, Root::Order | Root::Shop);
        match field.load {
            Load::Nothing => {}
            Load::OrderDetails => self.order_details = true,
            Load::Items => self.items = true,
            Load::CustomerDetails => self.customer_details = true,
        }
    }

    pub fn and(self, other: Self) -> Self {
        Self {
            orders: self.orders | other.orders,
            order_details: self.order_details | other.order_details,
            items: self.items | other.items,
            customer_details: self.customer_details | other.customer_details,
            contact: self.contact | other.contact,
        }
    }
}

/// Why an expression is not accepted, and the place in it.
#[derive(Debug)]
pub struct Fault {
    pub cause: String,
    pub span: Span,
}

/// What a part of an expression yields, as far as paths go.
#[derive(Debug, Clone, PartialEq)]
enum Shape {
    /// A value of its own.
    Plain,
    /// `contact`, or one entry of `orders`.
    Record(Root),
    /// `orders`.
    RecordList(Root),
    /// An entry of a list inside a record; the text is its path.
    Entry(String, &'static [Element]),
    /// A list inside a record.
    EntryList(String, &'static [Element]),
    /// `stats.totals`.
    Totals,
    /// Not followed further: whatever went in counts as named.
    Anything,
}

/// The names in one expression.
pub fn names(expression: &ast::Expr<'_>, over: Over) -> Result<Named, Fault> {
    let mut walk = Walk {
        over,
        named: Named::default(),
    };
    let shape = walk.visit(expression)?;
    walk.whole(&shape);
    Ok(walk.named)
}

struct Walk {
    over: Over,
    named: Named,
}

impl Walk {
    fn visit(&mut self, expression: &ast::Expr<'_>) -> Result<Shape, Fault> {
        match expression {
            ast::Expr::Const(_) => Ok(Shape::Plain),
            ast::Expr::Var(var) => self.root(var.id, expression.span()),
            ast::Expr::GetAttr(attr) => {
                let inner = self.visit(&attr.expr)?;
                self.attribute(&inner, attr.name, expression.span())
            }
            ast::Expr::GetItem(item) => {
                let inner = self.visit(&item.expr)?;
                match (&item.subscript_expr, entry_of(&inner)) {
                    (ast::Expr::Const(key), None) if key.value.as_str().is_some() => {
                        self.attribute(&inner, key.value.as_str().unwrap_or_default(), expression.span())
                    }
                    (subscript, entry) => {
                        self.consume(subscript)?;
                        match (inner, entry) {
                            (_, Some(entry)) => Ok(entry),
                            (Shape::Record(root), None) => Err(fault(
                                format!("a value of `{}` has to be named, not computed", root.name()),
                                expression.span(),
                            )),
                            _ => Ok(Shape::Anything),
                        }
                    }
                }
            }
            ast::Expr::Slice(slice) => {
                for part in [&slice.start, &slice.stop, &slice.step].into_iter().flatten() {
                    self.consume(part)?;
                }
                self.visit(&slice.expr)
            }
            ast::Expr::UnaryOp(operation) => self.consume(&operation.expr),
            ast::Expr::BinOp(operation) => {
                let left = self.visit(&operation.left)?;
                let right = self.visit(&operation.right)?;
                Ok(match operation.op {
                    ast::BinOpKind::ScAnd | ast::BinOpKind::ScOr | ast::BinOpKind::Add => {
                        self.either(left, right)
                    }
                    _ => self.plain(&[left, right]),
                })
            }
            ast::Expr::Compare(comparison) => {
                self.consume(&comparison.expr)?;
                for operation in &comparison.ops {
                    self.consume(&operation.expr)?;
                }
                Ok(Shape::Plain)
            }
            ast::Expr::IfExpr(choice) => {
                self.consume(&choice.test_expr)?;
                let yes = self.visit(&choice.true_expr)?;
                match &choice.false_expr {
                    Some(no) => {
                        let no = self.visit(no)?;
                        Ok(self.either(yes, no))
                    }
                    None => Ok(yes),
                }
            }
            ast::Expr::Filter(filter) => self.filter(filter, expression.span()),
            ast::Expr::Test(test) => {
                known("test", test.name, expression.span())?;
                self.arguments(&test.args)?;
                self.consume(&test.expr)
            }
            ast::Expr::Call(call) => {
                let ast::CallType::Function(name) = call.identify_call() else {
                    return Err(fault(
                        "values have no methods here; use a filter, such as `contact.name | upper`",
                        expression.span(),
                    ));
                };
                if !FUNCTIONS.contains(&name) {
                    return Err(fault(format!("unknown function `{name}`"), expression.span()));
                }
                self.arguments(&call.args)?;
                Ok(Shape::Anything)
            }
            ast::Expr::List(list) => self.literal(&list.items),
            ast::Expr::Tuple(tuple) => self.literal(&tuple.items),
            ast::Expr::Map(map) => {
                self.literal(&map.keys)?;
                self.literal(&map.values)
            }
        }
    }

    /// Visits what is used as a whole.
    fn consume(&mut self, expression: &ast::Expr<'_>) -> Result<Shape, Fault> {
        let shape = self.visit(expression)?;
        Ok(self.plain(&[shape]))
    }

    fn arguments(&mut self, arguments: &[ast::CallArg<'_>]) -> Result<(), Fault> {
        for argument in arguments {
            match argument {
                ast::CallArg::Pos(expression)
                | ast::CallArg::Kwarg(_, expression)
                | ast::CallArg::PosSplat(expression)
                | ast::CallArg::KwargSplat(expression) => self.consume(expression)?,
            };
        }
        Ok(())
    }

    fn literal(&mut self, parts: &[ast::Expr<'_>]) -> Result<Shape, Fault> {
        for part in parts {
            self.consume(part)?;
        }
        Ok(Shape::Anything)
    }

    fn filter(&mut self, filter: &ast::Filter<'_>, span: Span) -> Result<Shape, Fault> {
        known("filter", filter.name, span)?;
        self.arguments(&filter.args)?;
        let input = match &filter.expr {
            Some(expression) => self.visit(expression)?,
            None => Shape::Plain,
        };
        let attribute = attribute_argument(filter);
        let of_attribute = match (attribute, entry_of(&input)) {
            (Some(path), Some(entry)) => Some(self.dotted(entry, path, span)?),
            _ => None,
        };
        Ok(match filter.name {
            "map" => match of_attribute {
                Some(shape) => self.plain(&[shape]),
                None => self.anything(&input),
            },
            "sort" | "reverse" | "unique" | "select" | "reject" | "selectattr" | "rejectattr" | "list"
            | "default" | "d" => input,
            "first" | "last" | "min" | "max" => match entry_of(&input) {
                Some(entry) => entry,
                None => self.anything(&input),
            },
            "sum" | "join" if of_attribute.is_some() => Shape::Plain,
            "length" | "count" => self.counted(&input),
            _ => self.anything(&input),
        })
    }

    fn root(&mut self, name: &str, span: Span) -> Result<Shape, Fault> {
        match self.over.root(name) {
            Some(Root::Orders) => Ok(Shape::RecordList(Root::Orders)),
            Some(root) => Ok(Shape::Record(root)),
            None => Err(self.unknown(name, span)),
        }
    }

    /// Follows a dotted attribute of a filter, entries by number included (`items.0.code`).
    fn dotted(&mut self, start: Shape, path: &str, span: Span) -> Result<Shape, Fault> {
        path.split('.').try_fold(start, |shape, part| {
            match (part.parse::<usize>().is_ok(), entry_of(&shape)) {
                (true, Some(entry)) => Ok(entry),
                _ => self.attribute(&shape, part, span),
            }
        })
    }

    fn attribute(&mut self, shape: &Shape, name: &str, span: Span) -> Result<Shape, Fault> {
        match shape {
            Shape::Record(root) => {
                let path = format!("{}.{name}", written(*root));
                let field = root.field(name).ok_or_else(|| self.unknown(&path, span))?;
                self.named.note(*root, field);
                Ok(match field.holds {
                    Holds::One | Holds::Texts => Shape::Plain,
                    Holds::Totals => Shape::Totals,
                    Holds::Records(elements) => Shape::EntryList(path, elements),
                })
            }
            Shape::Entry(list, elements) => {
                if elements.iter().any(|element| element.name == name) {
                    Ok(Shape::Plain)
                } else {
                    Err(self.unknown(&format!("{list}[].{name}"), span))
                }
            }
            Shape::RecordList(root) => Err(is_list(root.name(), name, span)),
            Shape::EntryList(list, _) => Err(is_list(list, name, span)),
            Shape::Totals | Shape::Anything => Ok(Shape::Plain),
            Shape::Plain => Err(fault(
                format!("a plain value has nothing inside, so no `{name}` either"),
                span,
            )),
        }
    }

    fn unknown(&self, path: &str, span: Span) -> Fault {
        let suggestion = match nearest(self.over, path) {
            Some(near) => format!("; the nearest known is `{near}`"),
            None => String::new(),
        };
        fault(format!("unknown path `{path}`{suggestion}"), span)
    }

    /// `a or b`, `a if c else b`: what both are, else all of both.
    fn either(&mut self, left: Shape, right: Shape) -> Shape {
        if left == right {
            return left;
        }
        self.whole(&left);
        self.whole(&right);
        Shape::Anything
    }

    fn plain(&mut self, shapes: &[Shape]) -> Shape {
        for shape in shapes {
            self.whole(shape);
        }
        Shape::Plain
    }

    fn anything(&mut self, shape: &Shape) -> Shape {
        self.whole(shape);
        Shape::Anything
    }

    /// A length needs the list, not what its entries hold.
    fn counted(&mut self, shape: &Shape) -> Shape {
        match shape {
            Shape::RecordList(root) => self.named.orders |= *root == Root::Orders,
            other => self.whole(other),
        }
        Shape::Plain
    }

    /// The whole record goes somewhere: all its values count as named.
    fn whole(&mut self, shape: &Shape) {
        if let Shape::Record(root) | Shape::RecordList(root) = shape {
            for field in root.fields() {
                self.named.note(*root, field);
            }
        }
    }
}

/// The functions an expression can call.
const FUNCTIONS: [&str; 2] = ["range", "dict"];

/// What one entry of a list is; `None` when it is no list of records.
fn entry_of(shape: &Shape) -> Option<Shape> {
    match shape {
        Shape::RecordList(root) => Some(Shape::Record(*root)),
        Shape::EntryList(path, elements) => Some(Shape::Entry(path.clone(), elements)),
        _ => None,
    }
}

/// The attribute that a filter reads of each entry, where it is written out.
fn attribute_argument<'a>(filter: &'a ast::Filter<'_>) -> Option<&'a str> {
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

/// Filters and tests are looked up at evaluation, so a mistyped one would show with the first contact.
fn known(what: &str, name: &str, span: Span) -> Result<(), Fault> {
    let question = format!("name is {what}");
    let answer = super::expression::ENVIRONMENT
        .compile_expression_owned(question)
        .and_then(|expression| expression.eval(context! { name => name }));
    if answer.is_ok_and(|answer: Value| answer.is_true()) {
        return Ok(());
    }
    let known = if what == "filter" { FILTERS } else { TESTS };
    let suggestion = match closest(name, known.iter().map(|name| (*name).to_owned())) {
        Some(near) => format!("; the nearest known is `{near}`"),
        None => String::new(),
    };
    Err(fault(format!("unknown {what} `{name}`{suggestion}"), span))
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

fn written(root: Root) -> String {
    let entry = if root == Root::Orders { "[]" } else { "" };
    format!("{}{entry}", root.name())
}

fn is_list(list: &str, name: &str, span: Span) -> Fault {
    fault(
        format!(
            "`{list}` is a list: write `{list}[0].{name}`, or `{list} | map(attribute='{name}') | join(', ')`"
        ),
        span,
    )
}

fn fault(cause: impl Into<String>, span: Span) -> Fault {
    Fault {
        cause: cause.into(),
        span,
    }
}
