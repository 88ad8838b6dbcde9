//! Something else than the document that was expected.

use super::*;

#[test]
fn a_log_in_page_is_not_data() {
    let expected = "NotData: this is a web page, such as a log-in page, not an export (open the link in a browser without logging in: it has to answer with the export itself)";
    for page in [
        "<!DOCTYPE html><html><body>jana@priklad.cz</body></html>",
        "\u{feff}\r\n  <!doctype HTML>\n<html lang=\"cs\">",
        "<HTML><head>",
        "<?xml version=\"1.0\"?><!-- x --><html xmlns=\"http://www.w3.org/1999/xhtml\"/>",
    ] {
        assert_eq!(orders(page.as_bytes()), expected, "{page}");
        assert_eq!(customers(&gzip(page.as_bytes())), expected, "{page}");
    }
}

#[test]
fn what_is_no_export_at_all() {
    insta::assert_snapshot!(orders(b"Access denied"), @"NotData: this is neither XML nor JSON lines, nor CSV with a column `code` (open the link in a browser without logging in: it has to answer with the export itself)");
    insta::assert_snapshot!(orders(b"PK\x03\x04\x14\x00"), @"NotData: this is a ZIP or XLSX file (export it as CSV or XML instead)");
    insta::assert_snapshot!(orders(&gzip(&gzip(b"<ORDERS/>"))), @"NotData: it is compressed twice (unpack it once and try again)");
    insta::assert_snapshot!(orders(b"[{\"code\":\"1\"}]"), @"NotData: this is a JSON array (JSON is read as lines, one object a line)");
    insta::assert_snapshot!(orders(b"\x00\x01\x02"), @"NotData: this is not text (open the link in a browser without logging in: it has to answer with the export itself)");
    insta::assert_snapshot!(orders(b"<SHOP><SHOPITEM/></SHOP>"), @"NotData: this is XML, but not an export of orders (open the link in a browser without logging in: it has to answer with the export itself)");
    for answer in [
        "<response><message>x</message></response>",
        "<message>Access denied</message>",
    ] {
        assert!(orders(answer.as_bytes()).starts_with("NotData: this is XML, but not an export of orders"));
        assert!(
            customers(answer.as_bytes()).starts_with("NotData: this is XML, but not an export of customers")
        );
    }
    insta::assert_snapshot!(orders(br#"{"data":null,"errors":[{"errorCode":"x"}]}"#), @"NotData: this is an answer of the API to a request, not a snapshot (open the link in a browser without logging in: it has to answer with the export itself)");
    insta::assert_snapshot!(customers(b"email;billingFullName\njana@priklad.cz;Jana"), @"NotData: this is neither XML nor JSON lines, nor CSV with a column `guid` (open the link in a browser without logging in: it has to answer with the export itself)");
}

#[test]
fn orders_given_as_customers_and_the_other_way_round() {
    let orders_for_customers = [
        "<ORDERS><ORDER><CODE>1</CODE></ORDER></ORDERS>",
        "code;date;itemName\n1;2024-01-01;x\n",
        r#"{"code":"1","guid":null,"items":[]}"#,
    ];
    for text in orders_for_customers {
        assert!(
            customers(text.as_bytes()).starts_with("NotData: this is a document of orders, not of customers"),
            "{text}"
        );
    }
    let customers_for_orders = [
        "<CUSTOMERS><CUSTOMER><GUID>1</GUID></CUSTOMER></CUSTOMERS>",
        "guid;accountGuid;email\n1;2;x\n",
        r#"{"guid":"1","accounts":[]}"#,
    ];
    for text in customers_for_orders {
        assert!(
            orders(text.as_bytes()).starts_with("NotData: this is a document of customers, not of orders"),
            "{text}"
        );
    }
}

#[test]
fn a_file_that_is_not_there() {
    let error = read_orders(Path::new("no/such/file.xml"), &locale(), &mut |_, _| Ok(())).unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
}
