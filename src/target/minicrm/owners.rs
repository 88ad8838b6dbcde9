//! Who gets a card. An owner that MiniCRM does not know is answered by 200 and given a random user (the manual, "Card
//! owner"), so nobody is sent who is not in its own list.

/// The number of the user whom a name or a number means, among number and label of each.
///
/// # Errors
/// When nobody or more than one is meant; a sentence for a person.
pub fn resolve(owner: &str, users: &[(String, String)]) -> Result<u64, String> {
    let owner = owner.trim();
    let named: Vec<&String> = users
        .iter()
        .filter(|(id, label)| label == owner || id == owner)
        .map(|(id, _)| id)
        .collect();
    let id = match named.as_slice() {
        [id] => id.parse().ok(),
        [] => None,
        several => {
            let ids: Vec<&str> = several.iter().map(|id| id.as_str()).collect();
            return Err(format!(
                "`owner` \"{owner}\" is several users; write one's number: {}",
                ids.join(", ")
            ));
        }
    };
    id.ok_or_else(|| {
        let labels: Vec<&str> = users.iter().map(|(_, label)| label.as_str()).collect();
        let there = match labels.is_empty() {
            true => "its cards tell no users".to_owned(),
            false => format!("there are: {}", labels.join(", ")),
        };
        format!("`owner` \"{owner}\" is no user of MiniCRM; {there}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_user_of_the_system_is_sent() {
        let user = |id: &str, label: &str| (id.to_owned(), label.to_owned());
        let users = [
            user("100001", "Support"),
            user("100002", "Jana"),
            user("100003", "Jana"),
        ];
        assert_eq!(resolve("Support", &users), Ok(100_001));
        assert_eq!(resolve("100002", &users), Ok(100_002));
        assert!(resolve("support", &users).unwrap_err().contains("is no user"));
        assert!(resolve("Jana", &users).unwrap_err().contains("100002, 100003"));
        assert!(resolve("Support", &[]).unwrap_err().contains("no users"));
    }
}
