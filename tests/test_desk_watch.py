"""Batches put into a watched folder or bucket: taken once, whole, with an answer beside them."""

from __future__ import annotations

import html
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from desk_browser import desk_app, enter
from desk_intake import Firm, firm, jpeg, zip_of
from desk_watch import ROW, Office, book, sums
from fastapi import FastAPI

from desk.intake.checking import work_off
from desk.intake.collecting import Swept, sweep
from desk.intake.inbox import Inbox, parse_sums
from models import Database
from models.tables import AuditEvent, Batch, Delivery, Scan
from models.users import change_user
from pipeline.errors import SettingsError


@pytest.fixture(params=["folder", "bucket"])
def office(request, firms: Database, tmp_path: Path) -> Iterator[Office]:
    bucket = f"memory://{tmp_path.name}-{os.getpid()}/in"
    address = str(tmp_path / "in") if request.param == "folder" else bucket
    made = Office(firms, tmp_path, address)
    made.fs.makedirs(made.root, exist_ok=True)
    yield made
    if request.param == "bucket":
        made.fs.rm(made.root, recursive=True)


def test_a_batch_with_its_marker_is_queued_answered_and_put_away(office: Office) -> None:
    files = book()
    office.put("xanh/lô 17", {**files, "SHA256SUMS": sums(files), "XONG": b""})
    office.work()
    [batch] = office.rows(Batch)
    assert batch.name == "lô 17"
    scans = office.rows(Scan)
    kept = [(office.settings.scan_store / scan.path).read_bytes() for scan in scans]
    assert kept == [jpeg(1), jpeg(2), jpeg(3)]
    told = office.answer("xanh/lô 17")
    assert "Đã vào hàng đợi: lô số 1." in told
    assert "+ ks: Xã An Thái KS 2008 01, 3 ảnh" in told
    assert "In the queue: batch 1." in told
    assert office.fs.exists(f"{office.root}/xanh/_da-nhan/lô 17.1/ks/1.jpg")
    assert not office.fs.exists(f"{office.root}/xanh/lô 17")
    assert office.look() == Swept()


def test_what_comes_back_unchanged_is_not_taken_twice(office: Office) -> None:
    office.put("xanh/lo", {**book(), "XONG": b""})
    batch = Inbox.at(office.address)
    [(login, entry)] = list(batch.entries())
    before = batch.look(login, entry)
    office.work()
    office.fs.mv(f"{office.root}/xanh/_da-nhan/lo.1", before.where, recursive=True)
    [(login, entry)] = list(batch.entries())
    same = batch.look(login, entry).mark == before.mark
    office.work()
    # A bucket gives a moved file another moment: then the books are told to be here.
    assert len(office.rows(Delivery)) == (1 if same else 2)
    assert len(office.rows(Batch)) == 1
    assert len(office.rows(Scan)) == 3


def test_a_wrong_digest_refuses_the_batch_and_names_the_file(office: Office) -> None:
    files = book()
    wrong = {**files, "ks/2.jpg": files["ks/2.jpg"][:-1] + b"x", "ks/9.jpg": jpeg(9)}
    said = sums({**files, "ks/7.jpg": b"lost"})
    office.put("xanh/lo", {**wrong, "SHA256SUMS": said, "XONG": b""})
    office.work()
    assert office.rows(Batch) == []
    told = office.answer("xanh/lo")
    assert "“ks/2.jpg” khác mã băm trong SHA256SUMS" in told
    assert "“ks/9.jpg” không có trong SHA256SUMS" in told
    assert "“ks/7.jpg” có trong SHA256SUMS nhưng không có tệp" in told
    assert "ks/1.jpg" not in told
    page = Firm(desk_app(office.db, office.home, reserve_gigabytes=0), "xanh").client
    shown = html.unescape(page.get("/deliveries/1").text)
    assert "“ks/2.jpg” khác mã băm" in shown


def test_refused_books_are_told_with_their_reasons_and_the_others_are_taken(
    office: Office,
) -> None:
    rows = ROW + "kt,Xã Không Có,Huyện An Lão,KT,2001,01,\n"
    office.put("xanh/lo", {**book(row=rows), "kt/1.jpg": jpeg(50), "XONG": b""})
    office.work()
    assert len(office.rows(Batch)) == 1
    told = office.answer("xanh/lo")
    assert "Sổ nhận được: 1" in told
    assert "Bị từ chối: 1" in told
    assert "Xã Không Có" in told


def test_without_marker_a_batch_waits_until_nothing_changes_in_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    import desk.intake.collecting as collecting

    clock = [1000.0]
    monkeypatch.setattr(collecting.time, "time", lambda: clock[0])
    office.put("xanh/lo", book(pages=2))
    assert office.look().waiting == ["xanh/lo"]
    clock[0] += 59
    office.put("xanh/lo", {"ks/3.jpg": jpeg(3)})
    assert office.look().waiting == ["xanh/lo"]
    clock[0] -= 500  # the clock is set back: nothing is taken too early, nothing waits for ever
    assert office.look().waiting == ["xanh/lo"]
    clock[0] += 59
    assert office.look().waiting == ["xanh/lo"]
    clock[0] += 2
    assert office.look().taken == ["xanh/lo"]


def test_without_manifest_or_while_a_file_is_written_nothing_is_taken(office: Office) -> None:
    options = office.options.model_copy(update={"watch_still_seconds": 0})
    office.put("xanh/a", {"KS 2008/1.jpg": jpeg(1)})
    office.put("xanh/b", {**book(), "ks/4.jpg.part": b"x", "XONG": b""})
    swept = sweep(office.db, office.settings, options)
    assert swept is not None
    assert swept.waiting == ["xanh/a", "xanh/b"]


def test_a_marked_batch_without_manifest_waits_in_the_portal_to_be_confirmed(
    office: Office,
) -> None:
    office.put("xanh/Xã An Thái", {"KS 2008 q1/1.jpg": jpeg(1), "XONG.txt": b""})
    office.work()
    assert [one.state for one in office.rows(Delivery)] == ["checked"]
    assert "mở trang Các lô, kiểm tra và xác nhận (đợt giao số 1)" in office.answer(
        "xanh/Xã An Thái"
    )


def test_a_zip_is_a_batch(office: Office) -> None:
    options = office.options.model_copy(update={"watch_still_seconds": 0})
    office.put("do/lo.zip", {"": zip_of(book())})
    sweep(office.db, office.settings, options)
    work_off(office.settings, office.db)
    assert [(one.name, one.contractor_id) for one in office.rows(Batch)] == [("lo.zip", 2)]
    assert office.fs.exists(f"{office.root}/do/_da-nhan/lo.1.zip")


def test_folders_of_nobody_are_named_and_left_alone(office: Office, firms: Database) -> None:
    firm(firms, "cu", "Số Hóa Cũ")
    change_user(firms, "cu", disabled=True, actor="test")
    office.put("la/lo", {**book(), "XONG": b""})
    office.put("cu/lo", {**book(), "XONG": b""})
    assert office.look().strange == ["cu/lo", "la/lo"]
    assert office.rows(Delivery) == []


def test_a_killed_copy_goes_on_where_it_was(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    import desk.intake.collecting as collecting

    real, calls = collecting._copy, []

    def dies(*args):
        calls.append(args[3].path)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*args)

    office.put("xanh/lo", {**book(), "XONG": b""})
    monkeypatch.setattr(collecting, "_copy", dies)
    with pytest.raises(KeyboardInterrupt):
        office.look()
    monkeypatch.setattr(collecting, "_copy", real)
    office.work()
    assert len(office.rows(Delivery)) == 1
    assert len(office.rows(Scan)) == 3
    opened = [one for one in office.rows(AuditEvent) if one.action == "delivery.opened"]
    assert len(opened) == 1


def test_a_batch_that_changes_while_it_is_copied_counts_for_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    import desk.intake.collecting as collecting

    real: Callable = collecting._copied

    def grows(*args):
        wrong = real(*args)
        office.put("xanh/lo", {"ks/4.jpg": jpeg(4)})
        return wrong

    office.put("xanh/lo", {**book(), "XONG": b""})
    monkeypatch.setattr(collecting, "_copied", grows)
    assert office.look().waiting == ["xanh/lo"]
    monkeypatch.setattr(collecting, "_copied", real)
    office.work()
    assert len(office.rows(Scan)) == 4
    assert [one.state for one in office.rows(Delivery)] == ["withdrawn", "queued"]


def test_a_file_that_grows_while_it_is_copied_is_no_mistake_of_the_firms(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    import desk.intake.collecting as collecting

    real: Callable = collecting._copy

    def grown(*args):
        office.put("xanh/lo", {"ks/2.jpg": jpeg(2) + b"more of it"})
        return real(*args)

    office.put("xanh/lo", {**book(), "XONG": b""})
    monkeypatch.setattr(collecting, "_copy", grown)
    swept = office.look()
    assert (swept.waiting, swept.failed) == (["xanh/lo"], [])
    assert not office.fs.exists(f"{office.root}/xanh/lo.KET-QUA.txt")
    monkeypatch.setattr(collecting, "_copy", real)
    office.put("xanh/lo", {"ks/2.jpg": jpeg(2)})
    office.work()
    assert "Đã vào hàng đợi" in office.answer("xanh/lo")
    assert [one.state for one in office.rows(Delivery)] == ["withdrawn", "queued"]


def test_a_firms_folder_that_cannot_be_read_does_not_stop_the_others(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Callable = Inbox._entries

    def refused(inbox: Inbox, folder: str):
        if folder.endswith("/do"):
            raise PermissionError(folder)
        return real(inbox, folder)

    office.put("do/lo", {**book(first=11), "XONG": b""})
    office.put("xanh/lo", {**book(), "XONG": b""})
    monkeypatch.setattr(Inbox, "_entries", refused)
    assert office.look().taken == ["xanh/lo"]


def test_a_full_disk_or_quota_leaves_the_batch_where_it_is_and_says_so(
    office: Office,
) -> None:
    office.put("xanh/lo", {**book(), "XONG": b""})
    options = office.options.model_copy(update={"upload_gigabytes": 1e-6})
    swept = sweep(office.db, office.settings, options)
    assert swept is not None
    assert swept.waiting == ["xanh/lo"]
    sweep(office.db, office.settings, options)
    assert "hạn mức" in office.answer("xanh/lo")
    assert office.rows(Delivery) == []  # however often it was looked at
    office.work()
    assert "Đã vào hàng đợi" in office.answer("xanh/lo")


def test_links_out_of_the_folder_bring_nothing_in(firms: Database, tmp_path: Path) -> None:
    office = Office(firms, tmp_path, str(tmp_path / "in"))
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "1.jpg").write_bytes(jpeg(7))
    office.put("xanh/lo", {**book(), "XONG": b""})
    (tmp_path / "in/xanh/lo/ks/9.jpg").symlink_to(tmp_path / "secret/1.jpg")
    (tmp_path / "in/xanh/lo/more").symlink_to(tmp_path / "secret")
    office.work()
    assert len(office.rows(Scan)) == 3


def test_a_file_or_folder_that_has_become_a_link_since_it_was_listed_is_not_followed(
    tmp_path: Path,
) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "1.jpg").write_bytes(b"secret")
    (tmp_path / "in/xanh").mkdir(parents=True)
    (tmp_path / "in/xanh/lo").symlink_to(tmp_path / "secret")
    (tmp_path / "in/xanh/1.jpg").symlink_to(tmp_path / "secret" / "1.jpg")
    (tmp_path / "in/xanh/2.jpg").write_bytes(b"own")
    inbox = Inbox.at(str(tmp_path / "in"))
    for name in ("lo/1.jpg", "1.jpg"):
        with pytest.raises(OSError):
            inbox.open(f"{inbox.root}/xanh/{name}")
    with inbox.open(f"{inbox.root}/xanh/2.jpg") as source:
        assert source.read() == b"own"


def test_a_contractor_sees_only_what_lay_in_their_folder(office: Office) -> None:
    office.put("xanh/lo", {**book(), "XONG": b""})
    office.work()
    app: FastAPI = desk_app(office.db, office.home)
    assert Firm(app, "xanh").client.get("/batches/1").status_code == 200
    assert Firm(app, "do").client.get("/batches/1").status_code == 404
    assert enter(app, "xanh").get("/deliveries/1").status_code == 200


def test_digests_are_read_as_sha256sum_and_windows_write_them() -> None:
    one = "a" * 64
    text = f"\ufeff{one}  a.jpg\r\n{one.upper()} *./b\\c d.jpg\n# remark\nshort x\n"
    assert parse_sums(text) == {"a.jpg": one, "b/c d.jpg": one}


def test_an_unknown_kind_of_place_is_said_with_the_settings_name() -> None:
    with pytest.raises(SettingsError, match="HOTICH_DESK_WATCH"):
        Inbox.at("nowhere://x/y")
