/* Tables 1 and 2. */
#ifndef SPEED_H
#define SPEED_H

/* Both return false, with words on stderr, if something is wrong; neither judges a time. */
int check_and_time_signatures(void);
int time_handle_check(void);

/* Table 1 once more, for the README. */
void print_markdown(void);

#endif
