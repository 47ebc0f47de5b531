"""The contractor's portal: the cover's word, the hand-over record, figures, bad input refused."""

from __future__ import annotations

import html
import io
import subprocess

import openpyxl
import pytest
from desk_browser import enter
from desk_intake import MANIFEST, Firm, jpeg, rows, worked_off
from models_samples import claim, rescan_result, result, save

from desk.intake.covers import unit_of
from models import verify_audit
from models.tables import AuditEvent, Batch, Book
from pipeline.form.cover import cover_words
from pipeline.settings import PROJECT, Settings
from pipeline.types import Kind

SAMPLE = PROJECT / "samples" / "batches" / "an-lao-2024-03" / "KS.2008.01"


def queued(firm_: Firm, year: int, pages: int = 2, first: int = 1) -> int:
    """A book of a year in the queue; the number of its batch."""
    delivery = firm_.deliver(f"lô {year}")
    row = f"ks,Xã An Thái,Huyện An Lão,KS,{year},01,\n"
    firm_.upload(delivery, "manifest.csv", (MANIFEST + row).encode())
    for page in range(pages):
        firm_.upload(delivery, f"ks/{page + 1}.jpg", jpeg(first + page))
    for act in ("check", "queue"):
        assert firm_.post(f"/deliveries/{delivery}/{act}").status_code == 303
        worked_off(firm_.app)
    page = firm_.client.get(f"/deliveries/{delivery}").text
    assert "/receipt" in page, page
    return int(page.split('href="/batches/')[1].split("/")[0].split('"')[0])


# --- what the cover says ------------------------------------------------------------------------


def test_what_no_name_tells_is_filled_in_from_the_cover_with_its_source(firms_app, firms):
    xanh = Firm(firms_app, "xanh")
    delivery = xanh.deliver("thùng 3")
    for number in (1, 3):
        data = (SAMPLE / f"000{number}.jpg").read_bytes()
        xanh.upload(delivery, f"quyển 7 năm 2008/{number}.jpg", data)
    xanh.post(f"/deliveries/{delivery}/check")
    worked_off(firms_app)
    page = html.unescape(xanh.client.get(f"/deliveries/{delivery}").text)
    for value in ("Xã An Thái", "Huyện An Lão", "KS", "2008", "07"):
        assert f'value="{value}"' in page
    assert page.count("theo bìa") == 3  # unit, district, kind
    assert page.count("theo tên") == 1  # the year
    assert "bìa ghi: 01" in page  # the name says 7, the cover 01: a person decides
    assert rows(firms, Batch) == []
    filled = {"unit-0": "Xã An Thái", "district-0": "Huyện An Lão", "kind-0": "KS",
              "year-0": "2008", "volume-0": "1"}  # fmt: skip
    xanh.post(f"/deliveries/{delivery}/books", **filled)
    worked_off(firms_app)
    confirmed = html.unescape(xanh.client.get(f"/deliveries/{delivery}").text)
    assert "theo bìa" not in confirmed
    xanh.post(f"/deliveries/{delivery}/queue")
    worked_off(firms_app)
    assert [book.code for book in rows(firms, Book)] == ["xa-an-thai.an-lao.KS.2008.01"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "UBND xã Quốc Tuấn, huyện An Dương",
             "SỔ ĐĂNG KÝ KẾT HÔN", "Quyển số: 02/2011", "Mở ngày 3-1-2011",
             "Khóa ngày 30-12-2012"],
            (Kind.MARRIAGE, "2011", "02", "xã Quốc Tuấn", "huyện An Dương"),
        ),
        (
            ["Ủy ban hành chính", "Xã: Đoàn Xá", "SỔ KHAI TỬ", "Năm 1962"],
            (Kind.DEATH, "1962", "", "", ""),
        ),
        (
            ["ĐỊA PHƯƠNG: Hải Phòng", "XÃ AN THÁI HUYỆN AN LÃO", "SỔ ĐĂNG KÝ KHAI SINH"],
            (Kind.BIRTH, "", "", "XÃ AN THÁI", "HUYỆN AN LÃO"),
        ),
        (["PHƯỜNG QUÁN TRỮ, QUẬN KIẾN AN"], (None, "", "", "PHƯỜNG QUÁN TRỮ", "QUÁN TRỮ")),
        (["SỔ KHAI SINH và KHAI TỬ", "1950 1960"], (None, "", "", "", "")),
        (["REGISTRE DES NAISSANCES", "1931"], (Kind.BIRTH, "1931", "", "", "")),
    ],
)  # fmt: skip
def test_a_cover_says_only_what_stands_plainly_on_it(lines, said):
    found = cover_words(lines)
    assert (found.kind, found.year, found.volume, found.unit, found.district) == said


def test_a_misread_commune_is_mapped_and_one_of_two_alike_is_not(tmp_path):
    settings = Settings(home=tmp_path)
    assert unit_of("XÃ AN THẢl", "HUYỆN AN LAO", 2008, settings) == ("Xã An Thái", "Huyện An Lão")
    assert unit_of("XÃ TÂN", "", 2008, settings) == ("", "")
    assert unit_of("", "Huyện An Lão", 2008, settings) == ("", "")


# --- the hand-over record -----------------------------------------------------------------------


def test_the_hand_over_record_is_a_paper_with_all_digests_and_two_places_to_sign(
    firms_app, firms, tmp_path
):
    xanh = Firm(firms_app, "xanh")
    batch = queued(xanh, 2008)
    assert f"/batches/{batch}/receipt.pdf" in xanh.client.get(f"/batches/{batch}/receipt").text
    reply = xanh.client.get(f"/batches/{batch}/receipt.pdf")
    assert reply.headers["content-type"] == "application/pdf"
    assert f"bien-ban-giao-nhan-lo-{batch}.pdf" in reply.headers["content-disposition"]
    path = tmp_path / "record.pdf"
    path.write_bytes(reply.content)
    told = subprocess.run(
        ["pdftotext", "-raw", str(path), "-"], capture_output=True, check=True, timeout=60
    ).stdout.decode()
    [book] = rows(firms, Book)
    [of_batch] = rows(firms, Batch)
    bare = "".join(told.split())
    for part in ("BIÊN BẢN GIAO NHẬN", "Số Hóa Xanh", "Xã An Thái, Huyện An Lão", "Khai sinh",
                 "1 quyển, 2 ảnh", "ĐẠI DIỆN BÊN GIAO", "ĐẠI DIỆN BÊN NHẬN",
                 "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", book.digest, of_batch.digest):  # fmt: skip
        assert "".join(part.split()) in bare
    state = verify_audit(firms)
    assert state.head in bare
    assert Firm(firms_app, "do").client.get(f"/batches/{batch}/receipt.pdf").status_code == 404


# --- figures ------------------------------------------------------------------------------------


def test_figures_tell_pages_a_day_rescans_by_reason_and_batches_right_at_once(firms_app, firms):
    xanh = Firm(firms_app, "xanh")
    good, bad, _open = (queued(xanh, year, first=year * 10) for year in (2006, 2007, 2008))
    for book in rows(firms, Book):
        if book.year == 2008:
            continue
        one, two = claim(firms, book.id)
        assert save(firms, one, rescan_result() if book.batch_id == bad else result(1))
        assert save(firms, two, result(2))
    before = html.unescape(xanh.client.get("/batches/figures").text)
    assert "<strong>6</strong> ảnh đã giao" in before
    assert "số lô đạt ngay lần đầu (1 trên 2)" in before
    assert "25,0 %" in before  # one of four scans that were looked at
    assert "Ảnh nhòe" in before
    page = {"page": ("x.jpg", jpeg(9), "image/jpeg")}
    scan = xanh.client.get(f"/batches/{bad}/rescan").text.split(f"/batches/{bad}/scans/")[1]
    scan = scan.split('"')[0].split("/")[0]
    assert xanh.client.post(f"/batches/{bad}/scans/{scan}", files=page).status_code == 303
    after = html.unescape(xanh.client.get("/batches/figures").text)
    assert "Ảnh nhòe" in after  # replaced, and still counted
    assert "số lô đạt ngay lần đầu (1 trên 1)" in after  # the other one is being read again
    assert good != bad
    assert "Ảnh nhòe" not in Firm(firms_app, "do").client.get("/batches/figures").text


# --- bad input ----------------------------------------------------------------------------------


def sheet(*lines: list[object]) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["Đơn vị", "Huyện", "Loại sổ", "Năm", "Quyển", "Hạn", "Nhà thầu"])
    for line in lines:
        book.active.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_an_inventory_with_duplicate_volumes_is_told_row_by_row_and_the_rest_is_planned(
    firms_app, firms
):
    supervisor = enter(firms_app, "giamsat")
    place = ["Xã An Thái", "Huyện An Lão", "KS"]
    data = sheet(
        [*place, 1990, "1-2", "2027-01-31", "Số Hóa Xanh"],
        [*place, 1990, "02", "", ""],  # again
        [*place, 1990, "4", "", ""],
        [*place, 1993, "1", "32.13.2026", ""],
        ["Xã Nào Đó", "Huyện An Lão", "KS", 1990, "1", "", ""],
        [*place, 1995, "1", "", "Hãng Không Có"],
        [*place, 1996, "1", "2020-01-01", "Số Hóa Xanh"],
    )
    reply = supervisor.post("/plan/sheet", files={"sheet": ("kế hoạch.xlsx", data)})
    page = html.unescape(reply.text)
    for row in (3, 5, 6, 7):
        assert f'<td class="number">{row}</td>' in page, row
    assert '<td class="number">4</td>' not in page.split("</table>")[0]
    assert "1991–1995" in page  # years without a book
    assert "1990: 3" in page  # a number without a volume
    changed = [one for one in rows(firms, AuditEvent) if one.action == "plan.changed"]
    assert changed[0].detail["wrong"] == 4  # the log keeps that rows were refused
    mine = html.unescape(Firm(firms_app, "xanh").client.get("/plan").text)
    assert "31.01.2027" in mine  # when it is due
    assert "quá hạn" in mine.casefold() or "trễ" in mine.casefold()
    assert enter(firms_app, "giamsat").get("/plan?missing=true").status_code == 200
    assert "1990" not in Firm(firms_app, "do").client.get("/plan").text.split("<h2>")[-1]


def test_a_clock_that_is_wrong_on_either_side_changes_nothing(firms_app, firms):
    xanh = Firm(firms_app, "xanh")
    delivery = xanh.deliver()
    data = jpeg(5)
    far = 4_102_444_800_000  # the browser lives in 2100
    first = xanh.announce(delivery, "ks/1.jpg", len(data), modified=far).headers["location"]
    assert xanh.send(first, data).status_code == 204
    again = xanh.announce(delivery, "ks/1.jpg", len(data), modified=far)
    assert (again.headers["location"], again.headers["upload-offset"]) == (first, str(len(data)))
    other = xanh.announce(delivery, "ks/1.jpg", len(data), modified=0)
    assert other.headers["location"] != first  # another moment is another file: sent again
    assert xanh.client.head(first, headers={"tus-resumable": "1.0.0"}).status_code == 404
    for wrong in (-1, 10**20, "hôm qua"):
        assert xanh.announce(delivery, "ks/2.jpg", 3, modified=wrong).status_code == 400
    [opened] = [one for one in rows(firms, AuditEvent) if one.action == "delivery.opened"]
    assert opened.at < "2100"  # the log keeps our own clock
