"""A round of visits in a real browser, the line cut: nothing is lost, and nothing stays behind."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from layers.users import AppUser, WebSession
from layers.visits import Visit, VisitPhoto
from tests.support.browsing import CHROMIUM, FLAGS, PATIENCE_MS, sign_in
from tests.web.test_field import picture

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings(
        "ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"),
]
#: How many entries each store of the phone holds.
CARRIED = """() => new Promise((done) => {
  const asked = indexedDB.open('doorplate-field');
  asked.onsuccess = async () => {
    const told = {};
    for (const name of asked.result.objectStoreNames) {
      told[name] = await new Promise((one) => {
        const count = asked.result.transaction(name).objectStore(name).count();
        count.onsuccess = () => one(count.result);
      });
    }
    asked.result.close();
    done(told);
  };
})"""


@pytest.fixture
def phone(browser, site, tmp_path):
    """Open a browser that keeps what it has when it is closed, as often as asked."""
    opened = []

    def switch_on():
        context = browser.browser_type.launch_persistent_context(
            tmp_path / "phone", executable_path=CHROMIUM, args=FLAGS, locale="zh-CN",
            viewport={"width": 390, "height": 844})
        context.set_default_timeout(PATIENCE_MS)
        opened.append(context)
        return context.pages[0]
    yield switch_on
    for context in opened:
        context.close()


def begin_round(page, site):
    """Sign in, open the doors of a building, and be ready to go on without a line."""
    sign_in(page, site, "li")
    page.goto(f"{site}/field?lang=zh")
    page.click("button.row:has-text('8号楼')")
    page.wait_for_selector("button.row:has-text('2单元 301')")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")


def of_li(session):
    return session.query(WebSession).filter(WebSession.user_id == session.scalar(
        select(AppUser.id).where(AppUser.name == "li")))


def visit(page, door="2单元 301", *, with_picture=False):
    page.click(f"button.row:has-text('{door}')")
    if with_picture:
        page.set_input_files("input[type=file]", {
            "name": "door.jpg", "mimeType": "image/jpeg", "buffer": picture()})
        page.wait_for_selector(".pictures img")
    page.click("button:has-text('与登记一致')")
    page.wait_for_selector("#said:visible")


def test_a_visit_and_its_picture_outlive_a_closed_browser_without_a_line(phone, site, ground):
    page = phone()
    begin_round(page, site)
    page.context.set_offline(True)
    visit(page, with_picture=True)
    assert page.inner_text("#queue").startswith("2")
    page.context.close()
    page = phone()
    page.context.set_offline(True)
    page.goto(f"{site}/field")
    page.wait_for_selector("#queue:visible")
    assert page.evaluate(CARRIED)["photos"] == 1
    page.context.set_offline(False)
    page.wait_for_selector("#queue", state="hidden")
    with Session(ground) as session:
        (kept,) = session.scalars(select(VisitPhoto.image).join(Visit))
    with Image.open(io.BytesIO(kept)) as image:
        assert (image.size, dict(image.getexif())) == ((40, 60), {})
    page.click("form[action='/sign-out'] button")
    page.wait_for_url(lambda url: "/field" not in url)
    assert set(page.evaluate(CARRIED).values()) == {0}


def test_a_sign_in_left_idle_keeps_what_waits_and_a_revoked_one_wipes_it(phone, site, ground):
    page = phone()
    begin_round(page, site)
    page.context.set_offline(True)
    visit(page, "1单元 101")
    with Session(ground) as session:
        of_li(session).update({"seen_at": datetime.now(UTC) - timedelta(hours=2)})
        session.commit()
    page.context.set_offline(False)
    page.wait_for_url(lambda url: "/sign-in" in url)
    assert page.evaluate(CARRIED)["queue"] == 1
    with Session(ground) as session:
        of_li(session).delete()
        session.commit()
    page.context.set_offline(True)
    page.goto(f"{site}/field")
    page.context.set_offline(False)
    page.wait_for_url(lambda url: "/sign-in" in url)
    assert set(page.evaluate(CARRIED).values()) == {0}


def test_what_one_worker_carries_is_not_sent_as_another(phone, site):
    page = phone()
    begin_round(page, site)
    page.context.set_offline(True)
    visit(page, "1单元 201")
    page.evaluate("async () => (await import('/static/field/store.mjs')).carriedBy('user:zhao')")
    assert set(page.evaluate(CARRIED).values()) == {0}
