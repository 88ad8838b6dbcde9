//! Which paths does an expression name, and do they exist: a walk over its syntax tree.
//!
//! A path is known statically through attributes, list entries and the filters that hand records
//! on (`orders | selectattr('paid') | map(attribute='total')`). Where a record is put into
//! something that the walk does not follow, all of it counts as named.

use minijinja::machinery::{Span, ast};

use super::catalogue::nearest;
use super::language::{FUNCTIONS, attribute_argument, unknown};
use super::needs::Named;
use super::paths::{Over, Root};
use super::shape::Shape;

/// Why an expression is not accepted, and the place in it.
#[derive(Debug)]
pub struct Fault {
    pub cause: String,
    pub span: Span,
}

/// What an expression names.
#[derive(Debug)]
pub struct Names {
    pub named: Named,
    /// Where amounts end that are compared by size; each may be empty.
    pub amounts: Vec<usize>,
    /// What all of it yields.
    pub shape: Shape,
}

/// The names in one expression.
pub fn names(expression: &ast::Expr<'_>, over: Over) -> Result<Names, Fault> {
    let mut walk = Walk {
        over,
        named: Named::default(),
        amounts: Vec::new(),
        depth: 0,
    };
    let shape = walk.visit(expression)?;
    walk.whole(&shape);
    Ok(Names {
        named: walk.named,
        amounts: walk.amounts,
        shape,
    })
}

struct Walk {
    over: Over,
    named: Named,
    amounts: Vec<usize>,
    depth: usize,
}

/// MiniJinja limits brackets but not chains (`a + b + c …` nests to the left), and what is deeper
/// than the stack would end the process.
const DEEPEST: usize = 100;

impl Walk {
    fn visit(&mut self, expression: &ast::Expr<'_>) -> Result<Shape, Fault> {
        if self.depth >= DEEPEST {
            return Err(fault(
                format!("more than {DEEPEST} operations inside one another"),
                expression.span(),
            ));
        }
        self.depth = self.depth.saturating_add(1);
        let shape = self.visit_parts(expression);
        self.depth = self.depth.saturating_sub(1);
        shape
    }

    fn visit_parts(&mut self, expression: &ast::Expr<'_>) -> Result<Shape, Fault> {
        match expression {
            ast::Expr::Const(_) => Ok(Shape::Plain),
            ast::Expr::Var(var) => self.root(var.id, expression.span()),
            ast::Expr::GetAttr(attr) => {
                let inner = self.visit(&attr.expr)?;
                self.attribute(&inner, attr.name, expression.span())
            }
            ast::Expr::GetItem(item) => {
                let inner = self.visit(&item.expr)?;
                match (&item.subscript_expr, inner.entry()) {
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
            ast::Expr::BinOp(operation) => match operation.op {
                ast::BinOpKind::Lt | ast::BinOpKind::Lte | ast::BinOpKind::Gt | ast::BinOpKind::Gte => {
                    self.ordered(&operation.left)?;
                    self.ordered(&operation.right)
                }
                ast::BinOpKind::ScAnd | ast::BinOpKind::ScOr | ast::BinOpKind::Add => {
                    let left = self.visit(&operation.left)?;
                    let right = self.visit(&operation.right)?;
                    Ok(self.either(left, right))
                }
                _ => {
                    self.consume(&operation.left)?;
                    self.consume(&operation.right)
                }
            },
            ast::Expr::Compare(comparison) => {
                let by_size = comparison.ops.iter().any(|operation| {
                    use ast::CompareOpKind::{Gt, Gte, Lt, Lte};
                    matches!(operation.op, Lt | Lte | Gt | Gte)
                });
                let operands = comparison.ops.iter().map(|operation| &operation.expr);
                for operand in std::iter::once(&comparison.expr).chain(operands) {
                    if by_size {
                        self.ordered(operand)?;
                    } else {
                        self.consume(operand)?;
                    }
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

    /// Visits what is compared by size.
    fn ordered(&mut self, expression: &ast::Expr<'_>) -> Result<Shape, Fault> {
        let shape = self.visit(expression)?;
        let takes_filter = matches!(
            expression,
            ast::Expr::GetAttr(_) | ast::Expr::GetItem(_) | ast::Expr::Filter(_)
        );
        if takes_filter && shape == Shape::Amount {
            self.amounts.extend(usize::try_from(expression.span().end_offset));
        }
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
        let of_attribute = match (attribute, input.entry()) {
            (Some(path), Some(entry)) => Some(self.dotted(entry, path, span)?),
            _ => None,
        };
        Ok(match filter.name {
            "map" => match of_attribute {
                Some(shape) => Shape::list("", shape),
                None => self.anything(&input),
            },
            "sort" | "reverse" | "unique" | "select" | "reject" | "selectattr" | "rejectattr" | "list"
            | "default" | "d" => input,
            "first" | "last" | "min" | "max" => match input.entry() {
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
            Some(root @ Root::Orders) => Ok(Shape::list(root.name(), Shape::Record(root))),
            Some(root) => Ok(Shape::Record(root)),
            None => Err(self.unknown(name, span)),
        }
    }

    /// Follows a dotted attribute of a filter, entries by number included (`items.0.code`).
    fn dotted(&mut self, start: Shape, path: &str, span: Span) -> Result<Shape, Fault> {
        path.split('.').try_fold(start, |shape, part| {
            match (part.parse::<usize>().is_ok(), shape.entry()) {
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
                Ok(Shape::of_field(field, &path))
            }
            Shape::Entry(list, elements) => {
                let element = elements.iter().find(|element| element.name == name);
                element
                    .map(|element| Shape::of_value(element.kind))
                    .ok_or_else(|| self.unknown(&format!("{list}[].{name}"), span))
            }
            Shape::List(path, _) => Err(is_list(path, name, span)),
            Shape::Totals => Ok(Shape::Amount),
            Shape::Anything => Ok(Shape::Plain),
            Shape::Plain | Shape::Amount => Err(fault(
                format!("a plain value has nothing inside, so no `{name}` either"),
                span,
            )),
        }
    }

    fn unknown(&self, path: &str, span: Span) -> Fault {
        let suggestion = match nearest(self.over, path) {
            Some(near) => format!("the nearest known is `{near}`"),
            None => {
                let roots = self.over.roots().iter().map(|root| format!("`{}`", root.name()));
                format!("every path begins with {}", roots.collect::<Vec<_>>().join(", "))
            }
        };
        fault(format!("unknown path `{path}`; {suggestion}"), span)
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
            Shape::List(_, entry) => {
                if let Shape::Record(root) = **entry {
                    self.named.needs.orders |= root == Root::Orders;
                }
            }
            other => self.whole(other),
        }
        Shape::Plain
    }

    /// The whole record goes somewhere: all its values count as named.
    fn whole(&mut self, shape: &Shape) {
        match shape {
            Shape::Record(root) => {
                for field in root.fields() {
                    self.named.note(*root, field);
                }
            }
            Shape::List(_, entry) => self.whole(entry),
            _ => {}
        }
    }
}

fn known(what: &str, name: &str, span: Span) -> Result<(), Fault> {
    unknown(what, name).map_or(Ok(()), |cause| Err(fault(cause, span)))
}

fn written(root: Root) -> String {
    let entry = if root == Root::Orders { "[]" } else { "" };
    format!("{}{entry}", root.name())
}

fn is_list(path: &str, name: &str, span: Span) -> Fault {
    let path = if path.is_empty() { "this" } else { path };
    let cause = format!(
        "`{path}` is a list: write `{path}[0].{name}`, or `{path} | map(attribute='{name}') | join(', ')`"
    );
    fault(cause, span)
}

fn fault(cause: impl Into<String>, span: Span) -> Fault {
    Fault {
        cause: cause.into(),
        span,
    }
}
