"""A contractor hands a batch over: what is taken, what is refused and why, and whose it stays."""

from __future__ import annotations

import base64
import hashlib
import html

import pytest
from desk_browser import desk_app, enter
from desk_intake import (  # fmt: skip
    BODY,
    MANIFEST,
    TUS,
    Firm,
    firm,
    jpeg,
    metadata,
    rows,
    sum_of,
    worked_off,
    zip_of,
)

from models import Database
from models.tables import AuditEvent, Batch, Book, Scan, Unit

BOOK = "ks,Xã An Thái,Huyện An Lão,KS,2008,01,\n"


def actions(db: Database) -> list[str]:
    with db.read() as connection:
        return [row.action for row in connection.execute(AuditEvent.__table__.select())]


def deliver_book(firm_: Firm, first: int = 1, pages: int = 3, row: str = BOOK) -> int:
    delivery = firm_.deliver()
    firm_.upload(delivery, "lo/manifest.csv", (MANIFEST + row).encode())
    for page in range(pages):
        firm_.upload(delivery, f"lo/ks/{page + 1}.jpg", jpeg(first + page))
    assert firm_.post(f"/deliveries/{delivery}/check").status_code == 303
    worked_off(firm_.app)
    return delivery


def queue_book(firm_: Firm, first: int = 1, pages: int = 3, row: str = BOOK) -> int:
    delivery = deliver_book(firm_, first, pages, row)
    assert firm_.post(f"/deliveries/{delivery}/queue").status_code == 303
    worked_off(firm_.app)
    page = firm_.client.get(f"/deliveries/{delivery}").text
    assert "/receipt" in page, page
    return int(page.split('href="/batches/')[1].split("/")[0].split('"')[0])


def test_a_folder_becomes_a_batch_in_the_queue_with_a_receipt(firms_app, firms, tmp_path):
    xanh = Firm(firms_app, "xanh")
    delivery = deliver_book(xanh)
    page = html.unescape(xanh.client.get(f"/deliveries/{delivery}").text)
    assert "Xã An Thái" in page
    assert rows(firms, Batch) == []  # nothing is queued before the contractor says so
    assert xanh.post(f"/deliveries/{delivery}/queue").status_code == 303
    worked_off(firms_app)
    [book] = rows(firms, Book)
    assert (book.code, book.state) == ("xa-an-thai.an-lao.KS.2008.01", "queued")
    scans = rows(firms, Scan)
    assert [scan.name for scan in scans] == ["1.jpg", "2.jpg", "3.jpg"]
    for number, scan in enumerate(scans):
        assert (tmp_path / "scans" / scan.path).read_bytes() == jpeg(1 + number)
    receipt = xanh.client.get("/batches/1/receipt").text
    assert book.digest in receipt
    assert not (tmp_path / "intake" / str(delivery)).exists()  # nothing is kept twice


def test_twenty_broken_lines_and_a_lost_process_lose_and_double_nothing(firms_app, firms, tmp_path):
    import random

    chance = random.Random(8)
    xanh = Firm(firms_app, "xanh")
    data = zip_of({"manifest.csv": (MANIFEST + BOOK).encode()}
                  | {f"ks/{n}.jpg": jpeg(n, (900, 1200)) for n in range(1, 6)})  # fmt: skip
    delivery = xanh.deliver()
    url = xanh.announce(delivery, "lo.zip", len(data)).headers["location"]
    part = tmp_path / "intake" / str(delivery) / "parts" / url.rsplit("/", 1)[1]
    for broken in range(20):
        offset = int(xanh.client.head(url, headers=TUS).headers["upload-offset"])
        piece = data[offset : offset + len(data) // 25]
        if broken % 2:  # damaged on the way: the digest tells
            bad = bytes([piece[0] ^ 1]) + piece[1:]
            wrong = xanh.send(url, bad, offset, sum_of(piece))
            assert (wrong.status_code, wrong.headers["upload-offset"]) == (460, str(offset))
            assert "mã băm" in wrong.text
        if broken % 3 == 2:  # a killed process left bytes behind what is safe
            with part.open("ab") as file:
                file.write(chance.randbytes(1000))
        if broken == 10:  # a new process over the same home
            firms_app = desk_app(firms, tmp_path, reserve_gigabytes=0)
            xanh = Firm(firms_app, "xanh")
            again = xanh.announce(delivery, "lo.zip", len(data))
            assert again.headers["location"] == url  # the same file is the same place
        assert xanh.send(url, piece, offset + 1).status_code == 409
        reply = xanh.send(url, piece, offset)
        assert reply.headers["upload-offset"] == str(offset + len(piece))
    offset = int(xanh.client.head(url, headers=TUS).headers["upload-offset"])
    assert xanh.send(url, data[offset:], offset).status_code == 204
    assert part.read_bytes() == data
    xanh.post(f"/deliveries/{delivery}/check")
    xanh.post(f"/deliveries/{delivery}/queue")  # too early: it is being checked
    worked_off(firms_app)
    xanh.post(f"/deliveries/{delivery}/queue")
    worked_off(firms_app)
    scans = rows(firms, Scan)
    assert [scan.number for scan in scans] == [1, 2, 3, 4, 5]
    assert len({scan.digest for scan in scans}) == 5
    assert actions(firms).count("upload.refused") == 10


def test_the_protocol_is_that_of_tus(firms_app):
    xanh = Firm(firms_app, "xanh")
    abilities = xanh.client.options("/uploads").headers
    assert abilities["tus-version"] == "1.0.0"
    assert {"creation", "checksum", "termination"} <= set(abilities["tus-extension"].split(","))
    delivery = xanh.deliver()
    reply = xanh.client.post("/uploads", headers={"upload-length": "3"})
    assert (reply.status_code, reply.headers["tus-version"]) == (412, "1.0.0")
    url = xanh.announce(delivery, "a.jpg", 6).headers["location"]
    assert xanh.client.patch(url, content=b"abc", headers=TUS).status_code == 415
    plain = BODY | {"upload-offset": "0"}
    assert xanh.client.patch(url, content=b"abc", headers=plain).headers["upload-offset"] == "3"
    assert xanh.send(url, b"defg", 3).status_code == 413  # more than announced
    assert xanh.send(url, b"def", 3, "md5 AAAA").status_code == 400
    sha1 = "sha1 " + base64.b64encode(hashlib.sha1(b"def").digest()).decode()
    assert xanh.send(url, b"def", 3, sha1).status_code == 204
    head = xanh.client.head(url, headers=TUS).headers
    assert (head["upload-offset"], head["upload-length"]) == ("6", "6")
    assert xanh.client.delete(url, headers=TUS).status_code == 204
    assert xanh.client.head(url, headers=TUS).status_code == 404
    said = metadata(delivery=delivery, path="b.jpg", modified=1)
    both = BODY | {"upload-length": "3", "upload-metadata": said, "upload-checksum": sum_of(b"xyz")}
    reply = xanh.client.post("/uploads", content=b"xyz", headers=both)
    assert (reply.status_code, reply.headers["upload-offset"]) == (201, "3")


def test_without_a_manifest_the_books_are_guessed_and_confirmed(firms_app, firms):
    xanh = Firm(firms_app, "xanh")
    delivery = xanh.deliver("Huyện An Lão")
    for number in (1, 2):
        xanh.upload(delivery, f"Xã An Thái/KS 2008 quyển 02/{number}.jpg", jpeg(number))
        xanh.upload(delivery, f"không rõ/trang {number}.jpg", jpeg(10 + number))
    xanh.post(f"/deliveries/{delivery}/check")
    worked_off(firms_app)
    page = html.unescape(xanh.client.get(f"/deliveries/{delivery}").text)
    assert 'value="Xã An Thái"' in page.replace("An Thái", "An Thái")
    assert 'value="2008"' in page
    assert 'value="02"' in page
    assert "Không nhận ra" in page  # the other book tells nothing
    rows_ = {"unit-0": "Xã An Thái", "district-0": "Huyện An Lão", "kind-0": "KS",
             "year-0": "2008", "volume-0": "2", "unit-1": "Xã An Thái",
             "district-1": "Huyện An Lão", "kind-1": "khai tử", "year-1": "1999",
             "volume-1": "1"}  # fmt: skip
    assert xanh.post(f"/deliveries/{delivery}/books", **rows_).status_code == 303
    worked_off(firms_app)
    xanh.post(f"/deliveries/{delivery}/queue")
    worked_off(firms_app)
    books = {(book.kind, book.year, book.volume) for book in rows(firms, Book)}
    assert books == {("KS", 2008, "02"), ("KT", 1999, "01")}


@pytest.mark.parametrize(
    "path", ["../x.jpg", "/etc/x.jpg", "a/../../x.jpg", "C:\\x.jpg", "a\n.jpg"]
)
def test_names_that_lead_out_of_the_delivery_are_refused(firms_app, path):
    xanh = Firm(firms_app, "xanh")
    assert xanh.announce(xanh.deliver(), path, 3).status_code == 400


def test_a_zip_that_leads_out_or_explodes_is_refused_with_its_reason(firms_app, firms, tmp_path):
    xanh = Firm(firms_app, "xanh")
    for name, data in (
        ("traversal.zip", zip_of({"../../out.jpg": b"x"})),
        ("bomb.zip", _bomb()),
        ("broken.zip", b"PK\x03\x04 nothing"),
    ):
        delivery = xanh.deliver(name)
        xanh.upload(delivery, name, data)
        xanh.post(f"/deliveries/{delivery}/check")
        worked_off(firms_app)
        page = html.unescape(xanh.client.get(f"/deliveries/{delivery}").text)
        assert "Tệp nén không an toàn" in page, page
    assert not list(tmp_path.rglob("out.jpg"))
    assert rows(firms, Batch) == []
    assert actions(firms).count("delivery.failed") + actions(firms).count(
        "delivery.checked"
    ) == 3  # fmt: skip


def _bomb() -> bytes:
    import io
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ks/1.jpg", b"\0" * 300_000_000)
    return out.getvalue()


def test_markup_in_names_is_shown_as_text(firms_app):
    xanh = Firm(firms_app, "xanh")
    delivery = xanh.deliver("<script>alert(1)</script>")
    xanh.upload(delivery, "<img src=x onerror=alert(2)>/1.jpg", jpeg(1))
    xanh.post(f"/deliveries/{delivery}/check")
    worked_off(firms_app)
    page = xanh.client.get(f"/deliveries/{delivery}").text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_another_firms_batches_are_not_there_and_the_log_tells_who_asked(firms_app, firms):
    xanh, do = Firm(firms_app, "xanh"), Firm(firms_app, "do")
    batch = queue_book(xanh)
    delivery = xanh.deliver()
    url = xanh.announce(delivery, "a.jpg", 3).headers["location"]
    before = len(actions(firms))
    for path in (f"/batches/{batch}", f"/batches/{batch}/rescan", f"/batches/{batch}/receipt",
                 f"/batches/{batch}/scans/1/picture", f"/batches/{batch}/books/1",
                 f"/deliveries/{delivery}", f"/deliveries/{delivery}/files"):  # fmt: skip
        assert do.client.get(path).status_code == 404, path
    for path in (f"/batches/{batch}/pause", f"/batches/{batch}/withdraw", f"/batches/{batch}/first",
                 f"/deliveries/{delivery}/queue", f"/deliveries/{delivery}/withdraw"):  # fmt: skip
        assert do.post(path).status_code == 404, path
    page = {"page": ("x.jpg", jpeg(99), "image/jpeg")}
    assert do.client.post(f"/batches/{batch}/scans/1", files=page).status_code == 404
    assert do.client.head(url, headers=TUS).status_code == 404
    assert do.send(url, b"abc").status_code == 404
    assert do.announce(delivery, "b.jpg", 3).status_code == 404
    assert "lô 1" not in do.client.get("/batches").text
    assert actions(firms)[before:].count("access.refused") >= 13
    assert enter(firms_app, "lan").get(f"/batches/{batch}").status_code == 403  # an operator


def test_a_book_of_a_foreign_unit_is_refused(firms_app, firms):
    with firms.read() as connection:
        ids = [row.id for row in connection.execute(Unit.__table__.select())]
    other = next(one for one in ids if "cat-dai" in one)
    firm(firms, "vang", "Số Hóa Vàng", units=[other])
    vang = Firm(firms_app, "vang")
    delivery = deliver_book(vang)
    page = html.unescape(vang.client.get(f"/deliveries/{delivery}").text)
    assert "Xã An Thái, Huyện An Lão không thuộc các đơn vị được giao" in page
    assert vang.post(f"/deliveries/{delivery}/queue").status_code == 422
    checked = [one for one in rows(firms, AuditEvent) if one.action == "delivery.checked"]
    assert checked[-1].detail["refused"] == ["ForeignBookError"]


def test_a_book_that_the_plan_gives_to_another_firm_is_refused(firms_app):
    supervisor = enter(firms_app, "giamsat")
    reply = supervisor.post(
        "/plan/book",
        data={"unit": "Xã An Thái", "district": "Huyện An Lão", "kind": "KS", "year": "2008",
              "volume": "1", "contractor": "Số Hóa Đỏ"},
    )  # fmt: skip
    assert reply.status_code == 200
    xanh = Firm(firms_app, "xanh")
    delivery = deliver_book(xanh)
    page = html.unescape(xanh.client.get(f"/deliveries/{delivery}").text)
    assert "theo kế hoạch, đơn vị khác quét quyển này" in page
    assert xanh.post(f"/deliveries/{delivery}/queue").status_code == 422
    do = Firm(firms_app, "do")
    assert queue_book(do) == 1


def test_the_same_book_again_is_said_to_be_here(firms_app, firms):
    xanh = Firm(firms_app, "xanh")
    queue_book(xanh)
    delivery = deliver_book(xanh, first=50)
    page = html.unescape(xanh.client.get(f"/deliveries/{delivery}").text)
    assert "Sổ này đã có trong hàng đợi: xa-an-thai.an-lao.KS.2008.01" in page


def test_a_checker_that_dies_is_followed_by_another_and_given_up_at_last(firms_app, firms):
    from models.deliveries import claim_delivery, load_delivery

    xanh = Firm(firms_app, "xanh")
    delivery = deliver_book(xanh)
    xanh.post(f"/deliveries/{delivery}/check")
    assert claim_delivery(firms, "dead", 0.0) == (delivery, 1)
    worked_off(firms_app)
    assert load_delivery(firms, delivery).state == "checked"
    xanh.post(f"/deliveries/{delivery}/queue")
    for times in (1, 2, 3):
        assert claim_delivery(firms, "dead", 0.0) == (delivery, times)
    worked_off(firms_app)
    assert load_delivery(firms, delivery).state == "failed"


def test_quota_and_disk_are_guarded_before_a_byte_is_taken(firms, tmp_path):
    small = desk_app(firms, tmp_path, upload_gigabytes=0.00001, reserve_gigabytes=0)
    xanh = Firm(small, "xanh")
    assert xanh.announce(xanh.deliver(), "a.jpg", 20_000).status_code == 413
    full = desk_app(firms, tmp_path, reserve_gigabytes=1e9)
    assert Firm(full, "xanh").announce(1, "a.jpg", 20).status_code == 507


def test_pieces_may_be_large_and_nothing_else(firms, tmp_path):
    app = desk_app(firms, tmp_path, reserve_gigabytes=0, max_piece_megabytes=3)
    xanh = Firm(app, "xanh")
    delivery = xanh.deliver()
    data = bytes(2_500_000)
    url = xanh.announce(delivery, "a.jpg", 9_000_000).headers["location"]
    assert xanh.send(url, data).status_code == 204
    assert xanh.send(url, bytes(3_100_000), len(data)).status_code == 413
    assert xanh.client.post("/deliveries", data={"name": "x" * 2_000_000}).status_code == 413
