//! Documents that end early or swell without end.

use super::*;

#[test]
fn a_document_that_ends_early() {
    let whole = between("<REMARK>x</REMARK>");
    // Wherever it is cut, the root element or something inside is not closed.
    for cut in 1..whole.len() {
        let told = orders(&whole[..cut]);
        let last = told.lines().last().unwrap();
        assert!(last.starts_with("Truncated: it ends early"), "{cut}: {told}");
    }
    insta::assert_snapshot!(orders(&whole[..60]), @r"
    order 1
    Truncated: it ends early, after record 1 in line 3: the last record is not closed (the answer ended early; the next run reads it again)
    ");
    insta::assert_snapshot!(orders(b"<ORDERS><ORDER><CODE>1</CODE></ORDER>\n"), @r"
    order 1
    Truncated: it ends early, after record 1 in line 2: the root element is not closed (the answer ended early; the next run reads it again)
    ");
    insta::assert_snapshot!(orders(b"code;date;paid\n1;2024-01-01;1\n2;2024-"), @"Truncated: it ends early, after record 0 in line 3: the last row is not complete (the answer ended early; the next run reads it again)");
    insta::assert_snapshot!(orders(b"code;remark;paid\n1;\"never closed;1\n2;x;1\n3;x;1\n"), @"Truncated: it ends early, after record 0 in line 5: the last row is not complete (the answer ended early; the next run reads it again)");
    insta::assert_snapshot!(orders(b"{\"code\":\"1\"}\n{\"code\":\"2\",\"ema"), @r"
    order 1
    Truncated: it ends early, after record 1 in line 2: the last line is not complete (the answer ended early; the next run reads it again)
    ");
    insta::assert_snapshot!(orders(b"{\"code\":\"1\"}\n{\"code\":\"2\"}"), @r"
    order 1
    order 2
    2 records, 0 bad
    ");
}

#[test]
fn gzip_that_ends_early_or_is_damaged() {
    // How small it packs differs between machines.
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"byte \d+ of \d+", "byte N of N");
    let _settings = settings.bind_to_scope();
    let packed = gzip(&between(""));
    insta::assert_snapshot!(orders(&packed[..packed.len() - 9]), @"Truncated: the gzip data ends early, at byte N of N, line 5 unpacked (the answer ended early; the next run reads it again)");
    let mut damaged = packed.clone();
    let checksum = damaged.len() - 8;
    damaged[checksum] ^= 1;
    insta::assert_snapshot!(orders(&damaged), @"Damaged: the gzip data is damaged, at byte N of N, line 5 unpacked: corrupt gzip stream does not have a matching checksum (nothing of it was used and it is not kept: run the command again, and if it stays so, look at what the address answers)");
    let mut damaged = packed.clone();
    damaged[14] = 0xff;
    assert!(orders(&damaged).contains("Damaged: "), "{}", orders(&damaged));
    insta::assert_snapshot!(orders(&[packed, b"something behind".to_vec()].concat()), @"Damaged: the gzip data is damaged, at byte N of N, line 5 unpacked: invalid gzip header (nothing of it was used and it is not kept: run the command again, and if it stays so, look at what the address answers)");
}

#[test]
fn a_gzip_bomb_is_refused() {
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    bomb.write_all(b"<ORDERS>").unwrap();
    for _ in 0..80 {
        bomb.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    let told = orders(&bomb.finish().unwrap());
    assert!(told.starts_with("TooLarge: unpacked it is "), "{told}");
}
