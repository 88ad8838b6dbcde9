#[derive(Debug, Clone, Default)]
pub struct NotPeople;
impl NotPeople { pub fn identify(&self, raw:&str)->Option<String>{ let t=raw.trim().to_lowercase(); if t.contains('@') {Some(t)} else {None} } }
