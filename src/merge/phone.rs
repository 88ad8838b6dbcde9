pub struct Phone(pub String);
impl std::fmt::Display for Phone { fn fmt(&self,f:&mut std::fmt::Formatter<'_>)->std::fmt::Result{f.write_str(&self.0)} }
pub fn normalise(raw:&str,_c:&str)->Phone{Phone(raw.to_owned())}
