// The day that is shown: '2019-05-01', or null for now. Scene, lookup and panel all ask for it.
export const moment = { day: null };

/** The query by which an answer is that of the day shown. */
export const dated = (values = {}) => ({ ...values, valid_at: moment.day });
