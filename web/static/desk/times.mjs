// Moments and spans of time in the words of the page.
import { setup, t } from '/static/map/setup.mjs';

const form = new Intl.DateTimeFormat(setup.language === 'zh' ? 'zh-CN' : 'en-GB', {
  timeZone: setup.zone, month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit' });

export const moment = (text) => (text ? form.format(new Date(text)) : t('none'));

/** Say a span in the two largest units that matter. */
export function span(milliseconds) {
  const minutes = Math.round(Math.abs(milliseconds) / 60000);
  if (minutes < 60) return t('m', minutes);
  if (minutes < 2880) return t('h', Math.floor(minutes / 60), minutes % 60);
  return t('d', Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60));
}

/** Say how much time an order has, and how pressing that is. */
export function left(order) {
  const over = ['closed', 'rejected'].includes(order.status.code);
  if (order.overdue) {
    const until = new Date(order.done_at ?? order.closed_at ?? Date.now());
    return { text: t('over', span(until - new Date(order.finish_due))), kind: 'late' };
  }
  if (over) return { text: moment(order.closed_at), kind: '' };
  if (!order.finish_due) return { text: t('stands'), kind: '' };
  const rest = new Date(order.finish_due) - Date.now();
  return { text: t('left', span(rest)), kind: rest < 4 * 3600e3 ? 'soon' : '' };
}
