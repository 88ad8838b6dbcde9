//! Values that are not what they should be: their record is set aside and the rest goes on.

use super::*;

#[test]
fn a_broken_record_stays_alone() {
    insta::assert_snapshot!(orders(&between("<REMARK>x</NOTE>")), @r"
    order 1
    bad 2 2: REMARK is closed by another end tag than its own (line 3)
    order 3
    3 records, 1 bad
    ");
    insta::assert_snapshot!(orders(&between("<REMARK>")), @r"
    order 1
    bad 2 2: REMARK is closed by another end tag than its own (line 3)
    order 3
    3 records, 1 bad
    ");
    insta::assert_snapshot!(orders(&between("Jana <jana@priklad.cz> Nová")), @r"
    order 1
    bad 2 2: an element is closed by another end tag than its own (line 3)
    order 3
    3 records, 1 bad
    ");
    insta::assert_snapshot!(orders(&between("<REMARK a='x>y</REMARK>")), @r"
    order 1
    bad 2 2: the record is not well-formed: attribute value not closed: `'` not found before end of input (line 3)
    order 3
    3 records, 1 bad
    ");
    // Its end tag is missing: it ends where the next one starts.
    insta::assert_snapshot!(
        orders(b"<ORDERS><ORDER><CODE>1</CODE>\n<ORDER><CODE>2</CODE></ORDER></ORDERS>"), @r"
    bad 1 1: ORDER has no end tag (line 1)
    order 2
    2 records, 1 bad
    ");
    insta::assert_snapshot!(orders(b"<ORDERS><ORDER/><ORDER><CODE> </CODE></ORDER><ORDER></ORDER></ORDERS>"), @r"
    bad 1 : the order code is missing (line 1)
    bad 2 : the order code is missing (line 1)
    bad 3 : the order code is missing (line 1)
    3 records, 3 bad
    ");
}

#[test]
fn values_that_are_not_what_they_should_be() {
    for (inside, reason) in [
        (
            "<DATE>0000-01-01 00:00:00</DATE>",
            "the date is not a plausible date",
        ),
        ("<DATE>99999-01-01</DATE>", "the date is not a date"),
        ("<DATE>včera</DATE>", "the date is not a date"),
        (
            "<TOTAL_PRICE><WITH_VAT>1e999999</WITH_VAT></TOTAL_PRICE>",
            "the total price is not a number",
        ),
        (
            "<TOTAL_PRICE><WITH_VAT>NaN</WITH_VAT></TOTAL_PRICE>",
            "the total price is not a number",
        ),
        (
            "<TOTAL_PRICE><PAID>maybe</PAID></TOTAL_PRICE>",
            "whether it is paid is neither yes nor no",
        ),
        (
            "<CURRENCY><EXCHANGE_RATE>x</EXCHANGE_RATE></CURRENCY>",
            "the exchange rate is not a number",
        ),
        (
            "<ORDER_ITEMS><ITEM><AMOUNT>many</AMOUNT></ITEM></ORDER_ITEMS>",
            "the amount of an item is not a number",
        ),
        ("<REMARK>a\0b</REMARK>", "ORDER holds a NUL character"),
    ] {
        assert_eq!(
            orders(&between(inside)),
            format!("order 1\nbad 2 2: {reason} (line 3)\norder 3\n3 records, 1 bad"),
            "{inside}"
        );
    }
}

#[test]
fn values_and_records_too_large_are_set_aside() {
    let field = "x".repeat(2 << 20);
    insta::assert_snapshot!(orders(&between(&format!("<REMARK>{field}</REMARK>"))), @r"
    order 1
    bad 2 2: REMARK is larger than 1 MiB (line 3)
    order 3
    3 records, 1 bad
    ");
    insta::assert_snapshot!(orders(&between(&format!("<REMARK>&lt;{field}</REMARK>"))), @r"
    order 1
    bad 2 2: REMARK is larger than 1 MiB (line 3)
    order 3
    3 records, 1 bad
    ");
    insta::assert_snapshot!(orders(&between(&format!("<REMARK>{}</REMARK>", field.repeat(5)))), @r"
    order 1
    bad 2 2: ORDER is larger than 4 MiB (line 3)
    order 3
    3 records, 1 bad
    ");
    // What looks like an end inside of character data is none.
    let inside = format!(
        "<REMARK><![CDATA[{0}</ORDER>{0}<ORDER>{0}]]></REMARK>",
        field.repeat(2)
    );
    insta::assert_snapshot!(orders(&between(&inside)), @r"
    order 1
    bad 2 2: ORDER is larger than 4 MiB (line 3)
    order 3
    3 records, 1 bad
    ");
    insta::assert_snapshot!(orders(format!("code;remark\n1;x\n2;{field}\n3;\"{}\"\n4;x\n", field.repeat(5)).as_bytes()), @r"
    order 1
    bad 2 2: remark is larger than 1 MiB (line 3)
    bad 3 : the row is larger than 4 MiB (line 4)
    order 4
    4 records, 2 bad
    ");
    insta::assert_snapshot!(orders(format!("{{\"code\":\"1\"}}\n{{\"code\":\"2\",\"email\":\"{field}\"}}\n{{\"code\":\"3\",\"email\":\"{}\"}}\n{{\"code\":\"4\"}}\n", field.repeat(5)).as_bytes()), @r"
    order 1
    bad 2 2: an attribute is of an unexpected type or too large, at column 2097174 (line 2)
    bad 3 3: the line is larger than 4 MiB (line 3)
    order 4
    4 records, 2 bad
    ");
    insta::assert_snapshot!(orders(format!("<ORDERS><{field}").as_bytes()), @"Damaged: markup without an end in line 1 (nothing of it was used and it is not kept: run the command again, and if it stays so, look at what the address answers)");
}

#[test]
fn lines_of_a_snapshot_that_are_not_what_they_should_be() {
    insta::assert_snapshot!(orders(br#"{"code":"1"}
{"code":"2","price":"jana@priklad.cz"}
{"code":"3"
{"email":"jana@priklad.cz"}
{"code":"5","items":[{"amount":1e999999}]}
{"code":"6","creationTime":"99999"}
"#), @r"
    order 1
    bad 2 2: an attribute is of an unexpected type or too large, at column 37 (line 2)
    bad 3 3: it is not valid JSON, at column 11 (line 3)
    bad 4 : the order code is missing (line 4)
    bad 5 5: it is not valid JSON, at column 39 (line 5)
    bad 6 6: creationTime is not a date (line 6)
    6 records, 5 bad
    ");
    insta::assert_snapshot!(customers(br#"{"guid":"1","accounts":[]}
{"accounts":[]}
{"guid":"3","accounts":{"email":"jana@priklad.cz"}}
{"guid":"4","creationTime":"soon"}
nonsense
"#), @r"
    customer 1
    bad 2 : the guid is missing (line 2)
    bad 3 3: an attribute is of an unexpected type or too large, at column 23 (line 3)
    bad 4 4: creationTime is not a date (line 4)
    bad 5 : it is not valid JSON, at column 2 (line 5)
    5 records, 4 bad
    ");
}

#[test]
fn rows_that_are_not_what_they_should_be() {
    insta::assert_snapshot!(orders(b"code;remark;paid;\n1;x;1;\n2;a;b;1;\n3;x\n;x;1;\n5;x;perhaps;\n5;x;1;\n6;x;1\n"), @r"
    order 1
    bad 2 2: the row has more columns than the header (line 3)
    bad 3 3: the row has 2 columns, the header 3 (line 4)
    bad 4 : the order code is missing (line 5)
    bad 5 5: whether it is paid is neither yes nor no (line 6)
    order 6
    6 records, 4 bad
    ");
    insta::assert_snapshot!(customers(b"guid;email\n1;a@priklad.cz\n;b@priklad.cz\n3;c@priklad.cz\n"), @r"
    customer 1
    bad 2 : the guid is missing (line 3)
    customer 3
    3 records, 1 bad
    ");
}

#[test]
fn customers_of_an_xml_that_are_not_what_they_should_be() {
    insta::assert_snapshot!(customers(b"<CUSTOMERS><CUSTOMER><EMAIL>a@priklad.cz</EMAIL></CUSTOMER><CUSTOMER><GUID>2</GUID><REGISTRATION_DATE>x</REGISTRATION_DATE></CUSTOMER><CUSTOMER><GUID>3</GUID></CUSTOMER></CUSTOMERS>"), @r"
    bad 1 : the guid is missing (line 1)
    bad 2 2: the registration date is not a date (line 1)
    customer 3
    3 records, 2 bad
    ");
}

#[test]
fn a_detail_that_cannot_be_read() {
    let told = |error: Error| error.to_string();
    insta::assert_snapshot!(told(order_from_api(br#"{"email":"jana@priklad.cz"}"#, &locale()).unwrap_err()), @"reading an order of the API: the order code is missing (`shoptet-sync parked` lists it; it is tried again when the shop changes it)");
    insta::assert_snapshot!(told(customer_from_api(br#"{"guid":1e999999}"#, &locale()).unwrap_err()), @"reading a customer of the API: it is not valid JSON, at column 16 (`shoptet-sync parked` lists it; it is tried again when the shop changes it)");
}
