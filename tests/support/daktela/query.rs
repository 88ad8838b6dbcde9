//! Filters, sorting and paging of lists.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::requests::Asked;
use super::world::Thing;

/// A filter as it stands in an address: `filter[0][field]=…`, or `filter[logic]=or&filter[filters][0][field]=…`.
#[derive(Debug)]
pub enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    One {
        field: String,
        operator: String,
        values: Vec<String>,
        ignores_case: bool,
    },
}

#[derive(Debug, Default)]
struct Node {
    value: Option<String>,
    inside: BTreeMap<String, Node>,
}

const OPERATORS: [&str; 16] = [
    "eq",
    "neq",
    "lt",
    "lte",
    "gt",
    "gte",
    "like",
    "contains",
    "startswith",
    "endswith",
    "notlike",
    "doesnotcontain",
    "isnull",
    "isnotnull",
    "in",
    "notin",
];

impl Filter {
    /// `Err` with what is wrong.
    pub fn read(asked: &Asked, knows: &dyn Fn(&str) -> bool) -> Result<Self, String> {
        let mut root = Node::default();
        for (key, value) in asked.query.iter().filter(|(key, _)| key.starts_with("filter")) {
            let mut node = &mut root;
            for part in key.trim_start_matches("filter").split('[').skip(1) {
                node = node
                    .inside
                    .entry(part.trim_end_matches(']').to_owned())
                    .or_default();
            }
            node.value = Some(value.clone());
        }
        group(&root, knows)
    }

    pub fn holds(&self, thing: &Thing, minds_case: bool) -> bool {
        match self {
            Self::All(all) => all.iter().all(|one| one.holds(thing, minds_case)),
            Self::Any(any) => any.iter().any(|one| one.holds(thing, minds_case)),
            Self::One {
                field,
                operator,
                values,
                ignores_case,
            } => {
                let level = |text: &str| match minds_case && !ignores_case {
                    true => text.to_owned(),
                    false => text.to_lowercase(),
                };
                let there: Vec<String> = thing.values(field).iter().map(|text| level(text)).collect();
                let wanted: Vec<String> = values.iter().map(|text| level(text)).collect();
                holds(operator, &there, &wanted)
            }
        }
    }
}

fn group(node: &Node, knows: &dyn Fn(&str) -> bool) -> Result<Filter, String> {
    let text = |node: &Node, name: &str| node.inside.get(name).and_then(|node| node.value.clone());
    if let Some(field) = text(node, "field") {
        let operator = text(node, "operator").unwrap_or_else(|| "eq".to_owned());
        if !OPERATORS.contains(&operator.as_str()) {
            return Err(format!("operator {operator}"));
        }
        if !knows(&field) {
            return Err(format!("field {field}"));
        }
        let value = node.inside.get("value");
        let listed = value.into_iter().flat_map(|value| value.inside.values());
        return Ok(Filter::One {
            field,
            operator,
            values: value
                .and_then(|value| value.value.clone())
                .into_iter()
                .chain(listed.filter_map(|node| node.value.clone()))
                .collect(),
            ignores_case: text(node, "ignoreCase").is_some_and(|told| told == "true"),
        });
    }
    let is_any = text(node, "logic").is_some_and(|logic| logic == "or");
    let conditions = node.inside.get("filters").unwrap_or(node);
    let members = conditions
        .inside
        .iter()
        .filter(|(name, _)| name.parse::<usize>().is_ok());
    let members: Vec<Filter> = members
        .map(|(_, node)| group(node, knows))
        .collect::<Result<_, _>>()?;
    Ok(if is_any {
        Filter::Any(members)
    } else {
        Filter::All(members)
    })
}

fn holds(operator: &str, there: &[String], wanted: &[String]) -> bool {
    let first = wanted.first().map_or("", String::as_str);
    let any = |test: &dyn Fn(&str) -> bool| there.iter().any(|there| test(there));
    match operator {
        "eq" => any(&|there| there == first) || (there.is_empty() && first.is_empty()),
        "neq" => !any(&|there| there == first),
        "gt" => any(&|there| there.cmp(first) == Ordering::Greater),
        "gte" => any(&|there| there.cmp(first) != Ordering::Less),
        "lt" => any(&|there| there.cmp(first) == Ordering::Less),
        "lte" => any(&|there| there.cmp(first) != Ordering::Greater),
        "contains" => any(&|there| there.contains(first)),
        "doesnotcontain" => !any(&|there| there.contains(first)),
        "startswith" => any(&|there| there.starts_with(first)),
        "endswith" => any(&|there| there.ends_with(first)),
        "like" => any(&|there| there.contains(first.trim_matches('%'))),
        "notlike" => !any(&|there| there.contains(first.trim_matches('%'))),
        "isnull" => there.is_empty(),
        "isnotnull" => !there.is_empty(),
        // No value at all is no condition at all.
        "in" => wanted.is_empty() || any(&|there| wanted.iter().any(|wanted| wanted == there)),
        _ => wanted.is_empty() || !any(&|there| wanted.iter().any(|wanted| wanted == there)),
    }
}
