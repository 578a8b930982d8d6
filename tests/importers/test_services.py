"""Ledgers of services: agencies, clocks as people write them, lettings behind the wall."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from layers.across.orders_tables import IncidentOrder
from layers.agencies import Agency
from layers.checks import Check
from layers.patrols import Patrol
from layers.services import Service
from layers.tenancies import Tenancy

LEDGERS = {
    "agencies": """
        source_id,名称,类型,辖区,办公时间,联系电话,值班表
        A1,青禾区热力公司,公用事业,999901,00:00-24:00,12001234567,周一至周五 张三；周六 李四
    """,
    "services": """
        事项代码,承办单位,到场时限分钟,办结时限,计时方式,是否敏感
        供暖不热,青禾区热力公司,20,当日/48小时,全天候,否
        噪声扰民,A1,,3个工作日,工作时间,否
        邻里纠纷,A1,,不久,工作时间,是
    """,
    "tenancies": """
        source_id,房屋编号,房东,租客,出租房类型,床位,备案号,from
        T1,U2,王五,赵六,物业式,2,ZL1,2026-03
    """,
    "checks": """
        source_id,place,检查类型,检查情况,发现日期,整改期限
        M1,B1,消防安全,楼道堆放杂物,2026-03-01,2026-03-15
    """,
    "patrols": """
        source_id,巡防类型,路线名称,频次,wkt
        L1,巡逻路线,建设路巡线,每日2次,"LINESTRING(122.201 43.601,122.209 43.601)"
    """,
    "calendar_days": """
        日期,日期类型,节日
        2026-03-04,放假,调休
    """,
    "incidents": """
        source_id,诉求类型,内容,上报时间,place,状态,承办单位,工单号
        I1,噪声扰民,太吵,2026-03-02 09:00,U2,待办,A1,12345-1
    """,
}


def test_what_offices_keep_of_services_goes_in_and_an_unclear_time_is_refused(district):
    for name, content in LEDGERS.items():
        district.write(name, content)
    results = district.take()
    assert {name: (results[name].new, results[name].rejected) for name in LEDGERS} == {
        **dict.fromkeys(LEDGERS, (1, 0)), "services": (2, 1)}
    with Session(district.engine) as session:
        finish = {one.code: one.finish for one in session.query(Service)}
        assert finish == {"heating": "same_day/48h", "noise": "3d"}
        assert session.query(Agency).one().roster == ["周一至周五 张三", "周六 李四"]
        assert session.query(Tenancy).one().unit_id and session.query(Check).one().building_id
        assert session.query(Patrol).one().scope
        order = session.query(IncidentOrder).one()
        assert order.owner == session.query(Agency).one().identifier
        assert order.finish_due == datetime(2026, 3, 6, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
