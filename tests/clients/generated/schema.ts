export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** A calendar day in Việt Nam (UTC+7), ISO 8601: 2022-05-31 (ngày). */
  Date: { input: string; output: string; }
  /** A moment, RFC 3339 with an offset: 2022-05-31T23:59:59.000+07:00 (thời điểm). */
  DateTime: { input: string; output: string; }
  /**
   * An integer beyond 32 bits, from -(2^53-1) to 2^53-1, as a JSON number: money in đồng, versions
   * (số nguyên lớn).
   */
  Long: { input: number; output: number; }
};

/** A person who made an initiative (tác giả). */
export type Author = {
  __typename?: 'Author';
  /**
   * A phone number or an address of the person; null if it was not stated, or if the caller does
   * not manage the person's unit (liên hệ).
   */
  contact?: Maybe<Scalars['String']['output']>;
  /**
   * The group of working people that the person belongs to; null if it was not stated (nhóm tác
   * giả).
   */
  group?: Maybe<AuthorGroup>;
  /** The person's full name as it was entered (họ và tên). */
  name: Scalars['String']['output'];
  /**
   * The unit's own code for the person; null if it was not stated, or if the caller does not
   * manage the person's unit (mã đoàn viên).
   */
  personCode?: Maybe<Scalars['String']['output']>;
};

/** The group of working people that an author belongs to (nhóm tác giả). */
export type AuthorGroup =
  /** Workers of enterprises (công nhân lao động trong doanh nghiệp). */
  | 'ENTERPRISE_WORKER'
  /** Any other group (nhóm khác). */
  | 'OTHER'
  /** Officials, civil servants and public employees (cán bộ, công chức, viên chức). */
  | 'PUBLIC_EMPLOYEE'
  /** Officials of the union (cán bộ công đoàn). */
  | 'UNION_OFFICIAL';

/** One author of an initiative (tác giả). */
export type AuthorInput = {
  /**
   * A phone number or an address of the person, at most 300 characters; it is never public (liên
   * hệ).
   */
  contact?: InputMaybe<Scalars['String']['input']>;
  /** The group of working people that the person belongs to (nhóm tác giả). */
  group?: InputMaybe<AuthorGroup>;
  /** The person's full name, 1 to 300 characters (họ và tên). */
  name: Scalars['String']['input'];
  /**
   * The unit's own code for the person, at most 100 characters; it tells namesakes apart (mã
   * đoàn viên).
   */
  personCode?: InputMaybe<Scalars['String']['input']>;
};

/** A unit to close: its past counts stay, and nothing new enters it (ngừng hoạt động). */
export type CloseUnitInput = {
  /**
   * The first day on which the unit is closed; today by default. A day in the future is refused
   * with INVALID (ngày ngừng hoạt động).
   */
  on?: InputMaybe<Scalars['Date']['input']>;
  /** The unit to close (đơn vị). */
  unit: UnitRef;
};

/**
 * The counts of one day of submission, by the present states of its initiatives (số liệu một
 * ngày).
 */
export type DailyTally = {
  __typename?: 'DailyTally';
  /**
   * Number of initiatives that were submitted on the day and are accepted by now (số sáng kiến
   * hợp lệ).
   */
  accepted: Scalars['Int']['output'];
  /** The day of submission in Việt Nam (ngày đăng ký). */
  day: Scalars['Date']['output'];
  /**
   * Number of initiatives that were submitted on the day and are not withdrawn by now (số sáng
   * kiến đăng ký).
   */
  submitted: Scalars['Int']['output'];
};

/** The code of a refusal that the caller can mend (mã lỗi). */
export type ErrorCode =
  /** The initiative changed after the version that the caller expected (đã thay đổi). */
  | 'CONFLICT'
  /** The caller's roles do not allow the change (không có quyền). */
  | 'FORBIDDEN'
  /**
   * The value at the error's path is wrong in itself: missing, too long, out of range, or
   * against a rule of its field (dữ liệu không đúng).
   */
  | 'INVALID'
  /** The key was used before for other content (khóa đã dùng cho nội dung khác). */
  | 'KEY_REUSED'
  /**
   * The initiative may not enter here or now: no period runs for the unit, the unit is closed,
   * or `appliedOn` lies outside the programme's window (không đủ điều kiện).
   */
  | 'NOT_ELIGIBLE'
  /** The reference at the error's path names nothing (không tìm thấy). */
  | 'NOT_FOUND'
  /** The unit or the period would lie under itself (tạo vòng lặp). */
  | 'WOULD_CYCLE'
  /** The initiative's status does not allow the action (sai trạng thái). */
  | 'WRONG_STATE';

/**
 * An accepted initiative to choose as an example, or a choice to take back (chọn sáng kiến tiêu
 * biểu).
 */
export type FeatureInitiativeInput = {
  /**
   * True chooses the initiative as an example, false takes the choice back (chọn hoặc bỏ chọn
   * tiêu biểu).
   */
  featured?: Scalars['Boolean']['input'];
  /** Global id of the initiative, whose status must be ACCEPTED (mã toàn cục của sáng kiến). */
  id: Scalars['ID']['input'];
};

/** A field of work that initiatives are about, from the operator's list (lĩnh vực). */
export type Field = {
  __typename?: 'Field';
  /** The code that initiatives name the field by, unique in the list (mã lĩnh vực). */
  code: Scalars['String']['output'];
  /** The field's name for people (tên lĩnh vực). */
  name: Scalars['String']['output'];
};

/** The moment that the figures of a tally or a leaderboard are of (số liệu lúc nào). */
export type Figures =
  /**
   * The states as the log had them at the end of a past day, in the tree, periods, targets and
   * head-counts of now; imported initiatives count from their day. They serve for comparing
   * (số liệu cuối ngày).
   */
  | 'DAY_END'
  /**
   * The states, tree, dates, targets and head-counts of the moment at which all of it was kept.
   * No number changes any more; they serve for citing (số liệu đã chốt).
   */
  | 'KEPT'
  /** The figures of now; subscriptions push these alone (số liệu hiện tại). */
  | 'LIVE';

/** A goal, given as a number or as a share of the unit's members (chỉ tiêu). */
export type GoalInput =
  /** The number to reach, 0 or more (số lượng). */
  { count: Scalars['Int']['input']; percentOfMembers?: never; }
  |  /**
   * The share of the unit's members to reach; the goal is its lower bound of `memberCount`,
   * rounded up. A unit without `memberCount` is refused with INVALID (tỷ lệ đoàn viên).
   */
  { count?: never; percentOfMembers: PercentInput; };

/** A role that the caller holds over a unit and all units below it (quyền). */
export type Grant = {
  __typename?: 'Grant';
  /** The role that is held (vai trò). */
  role: Role;
  /** The topmost unit that the role holds over (đơn vị). */
  unit: Unit;
};

/**
 * An improvement of work that its authors entered for a unit; the caller sees as much of it as its
 * roles allow (sáng kiến).
 */
export type Initiative = Node & {
  __typename?: 'Initiative';
  /**
   * The day on which the initiative was first put to use; null if none was given, or if the
   * caller may not see it (ngày áp dụng lần đầu).
   */
  appliedOn?: Maybe<Scalars['Date']['output']>;
  /**
   * The initiative's authors, in the order of entry; the first decides the author group in
   * breakdowns. Empty if the initiative is confidential and the caller may not see its content
   * (tác giả). It costs about 5 for each initiative, and what is selected of the authors.
   */
  authors: Array<Author>;
  /**
   * The initiative's benefit, in đồng a year, 0 to 10^13; null if none was given, or if the
   * caller may not see it (giá trị làm lợi).
   */
  benefitVnd?: Maybe<Scalars['Long']['output']>;
  /** True if only the initiative's title, kind, unit and status are public (bảo mật). */
  confidential: Scalars['Boolean']['output'];
  /**
   * All events of the initiative, in the order of the log (lịch sử sự kiện). It costs about 15
   * for each initiative, 300 for all of them together, and what is selected of the events.
   */
  events: Array<InitiativeEvent>;
  /** True if the initiative is chosen as an example to follow (sáng kiến tiêu biểu). */
  featured: Scalars['Boolean']['output'];
  /**
   * The initiative's field of work: a code of `Query.fields`, or any text while that list is
   * empty. Null if none was given, or if the caller may not see it (lĩnh vực).
   */
  field?: Maybe<Scalars['String']['output']>;
  /** Global id of the initiative (mã toàn cục). */
  id: Scalars['ID']['output'];
  /** The kind of solution that the initiative is (loại giải pháp). */
  kind: InitiativeKind;
  /**
   * The council or head that recognised the initiative before it was entered, with the
   * decision's number; null if none was given, or if the caller may not see it (được công nhận
   * bởi).
   */
  recognisedBy?: Maybe<Scalars['String']['output']>;
  /**
   * The reason that a reviewer gave for the rejection; null if none was given, or if the caller
   * may not see it (lý do không hợp lệ).
   */
  rejectionReason?: Maybe<RejectionReason>;
  /**
   * The reviewer's note for those who manage the unit; null if there is none, or if the caller
   * does not manage the unit (ý kiến xét duyệt).
   */
  reviewNote?: Maybe<Scalars['String']['output']>;
  /**
   * The moment of the initiative's last review; null before the first one, or if the caller may
   * not see it (thời điểm xét duyệt).
   */
  reviewedAt?: Maybe<Scalars['DateTime']['output']>;
  /** The initiative's place in the review (trạng thái). */
  status: InitiativeStatus;
  /**
   * The moment at which the initiative was submitted; its day decides in which periods the
   * initiative counts (thời điểm đăng ký).
   */
  submittedAt: Scalars['DateTime']['output'];
  /**
   * The initiative's content in a few paragraphs; null if none was given, or if the caller may
   * not see it (nội dung tóm tắt).
   */
  summary?: Maybe<Scalars['String']['output']>;
  /**
   * The team whose joint work the initiative is; null if none was given, or if the caller may
   * not see it (tổ, đội, phòng).
   */
  team?: Maybe<Scalars['String']['output']>;
  /** The initiative's title, at most 500 characters (tên sáng kiến). */
  title: Scalars['String']['output'];
  /** The unit that the initiative counts for (đơn vị). */
  unit: Unit;
  /** The moment of the initiative's last change (thời điểm cập nhật). */
  updatedAt: Scalars['DateTime']['output'];
  /**
   * The version of the initiative's last change; `expectedVersion` of a mutation takes it (phiên
   * bản).
   */
  version: Scalars['Long']['output'];
  /**
   * The actions that the caller's roles and the initiative's status allow now (các hành động
   * được phép). It costs about 3 for each 2 initiatives.
   */
  viewerMay: Array<InitiativeAction>;
};

/** An action on an initiative (hành động). */
export type InitiativeAction =
  /** Choose the initiative as an example, or take the choice back (chọn tiêu biểu). */
  | 'FEATURE'
  /** Accept, return or reject the initiative (xét duyệt). */
  | 'REVIEW'
  /** Correct the initiative, which makes it pending again (chỉnh sửa). */
  | 'REVISE'
  /** Move the initiative to the unit that it belongs to (chuyển đơn vị). */
  | 'TRANSFER'
  /** Take the initiative back, so that it counts no more (rút). */
  | 'WITHDRAW';

/** A page of initiatives, by the Relay specification of connections (trang sáng kiến). */
export type InitiativeConnection = {
  __typename?: 'InitiativeConnection';
  /** The page's rows with their cursors (các dòng). */
  edges: Array<InitiativeEdge>;
  /** The page's initiatives without cursors (các sáng kiến). */
  nodes: Array<Initiative>;
  /** The page's place in the list (thông tin trang). */
  pageInfo: PageInfo;
  /** Number of initiatives in all pages together that the caller may see (tổng số). */
  totalCount: Scalars['Int']['output'];
};

/** A row of a page of initiatives (dòng). */
export type InitiativeEdge = {
  __typename?: 'InitiativeEdge';
  /**
   * The row's position in its list, opaque; `after` and `before` of the same list take it (vị
   * trí).
   */
  cursor: Scalars['String']['output'];
  /** The initiative of the row (sáng kiến). */
  node: Initiative;
};

/**
 * A change of an initiative, as the log keeps it; it holds no names of persons and no contact data
 * (sự kiện).
 */
export type InitiativeEvent = {
  __typename?: 'InitiativeEvent';
  /** The moment of the change (thời điểm). */
  at: Scalars['DateTime']['output'];
  /** The event's position in the log, opaque; `after` of `initiativeEvents` takes it (vị trí). */
  cursor: Scalars['String']['output'];
  /** The unit that a transferred initiative left; null for every other kind of event (đơn vị cũ). */
  fromUnit?: Maybe<Unit>;
  /** The initiative as it is now; null if the caller may not see it (sáng kiến). */
  initiative?: Maybe<Initiative>;
  /** Global id of the initiative that changed (mã toàn cục của sáng kiến). */
  initiativeId: Scalars['ID']['output'];
  /** The kind of the change (loại sự kiện). */
  kind: InitiativeEventKind;
  /** The initiative's status after the change (trạng thái). */
  status: InitiativeStatus;
  /** The unit that the initiative counted for after the change (đơn vị). */
  unit: Unit;
  /** The event's number in the log of the whole system, in commit order (phiên bản). */
  version: Scalars['Long']['output'];
};

/**
 * A page of the log. It may hold fewer rows than asked for and yet have a next page: each page
 * looks through a bounded part of the log, where a small unit may have no events (trang sự kiện).
 */
export type InitiativeEventConnection = {
  __typename?: 'InitiativeEventConnection';
  /** The page's rows with their cursors (các dòng). */
  edges: Array<InitiativeEventEdge>;
  /** The page's events without rows around them (các sự kiện). */
  nodes: Array<InitiativeEvent>;
  /**
   * The page's place in the log; an empty page has an `endCursor` too, to go on from (thông tin
   * trang).
   */
  pageInfo: PageInfo;
};

/** A row of a page of the log (dòng). */
export type InitiativeEventEdge = {
  __typename?: 'InitiativeEventEdge';
  /** The event's position in the log, equal to `InitiativeEvent.cursor` (vị trí). */
  cursor: Scalars['String']['output'];
  /** The event of the row (sự kiện). */
  node: InitiativeEvent;
};

/** The kind of a change of an initiative (loại sự kiện). */
export type InitiativeEventKind =
  /** A review found the initiative valid (xác nhận hợp lệ). */
  | 'ACCEPTED'
  /** The initiative was chosen as an example (chọn tiêu biểu). */
  | 'FEATURED'
  /** A review found the initiative not valid (không hợp lệ). */
  | 'REJECTED'
  /** A review sent the initiative back for correction (trả lại để chỉnh sửa). */
  | 'RETURNED'
  /** The initiative was corrected and is pending again (chỉnh sửa). */
  | 'REVISED'
  /** The initiative was entered (đăng ký). */
  | 'SUBMITTED'
  /** The initiative was moved to another unit (chuyển đơn vị). */
  | 'TRANSFERRED'
  /** The initiative is an example no longer (bỏ chọn tiêu biểu). */
  | 'UNFEATURED'
  /** The initiative was taken back and counts no more (rút). */
  | 'WITHDRAWN';

/**
 * Conditions that a listed initiative meets, all of them together; a condition left out lets all
 * pass. The caller finds only initiatives that it may see, and a confidential one not by a `field`
 * that it may not see (bộ lọc sáng kiến).
 */
export type InitiativeFilter = {
  /**
   * A version, 0 or more, after which the initiative changed. A version ahead of the log is
   * answered with CURSOR_EXPIRED (thay đổi sau phiên bản).
   */
  changedAfter?: InputMaybe<Scalars['Long']['input']>;
  /**
   * A mark from `extensions.mark`, after which the initiative changed. A mark of another log, as
   * after a restored backup, is answered with CURSOR_EXPIRED and the present mark in
   * `extensions`: copy everything anew. BAD_CURSOR if the text is no mark (thay đổi kể từ mốc).
   */
  changedSince?: InputMaybe<Scalars['String']['input']>;
  /** True finds examples alone, false all others (tiêu biểu). */
  featured?: InputMaybe<Scalars['Boolean']['input']>;
  /** The exact field of work of the initiative (lĩnh vực). */
  field?: InputMaybe<Scalars['String']['input']>;
  /** The kinds that the initiative may be of; an empty list finds nothing (loại giải pháp). */
  kinds?: InputMaybe<Array<InitiativeKind>>;
  /**
   * True finds initiatives that were entered with the caller's token alone; false lets all pass
   * (do mã truy cập này đăng ký).
   */
  mine?: InputMaybe<Scalars['Boolean']['input']>;
  /**
   * The period that the initiative counts in. REF_NOT_FOUND if it names nothing (trong đợt thi
   * đua).
   */
  period?: InputMaybe<PeriodRef>;
  /** The statuses that the initiative may have; an empty list finds nothing (trạng thái). */
  statuses?: InputMaybe<Array<InitiativeStatus>>;
  /** The first day on which the initiative may have been submitted (đăng ký từ ngày). */
  submittedFrom?: InputMaybe<Scalars['Date']['input']>;
  /** The last day on which the initiative may have been submitted (đăng ký đến ngày). */
  submittedUntil?: InputMaybe<Scalars['Date']['input']>;
  /**
   * Words, each of which begins a word of the title, whatever the case and the marks: "dien
   * nang" finds "Điện năng". At most 200 characters, with a letter or a digit; else BAD_ARGUMENT
   * (từ trong tên).
   */
  text?: InputMaybe<Scalars['String']['input']>;
  /**
   * The unit whose subtree the initiative counts in. REF_NOT_FOUND if it names nothing (trong
   * phạm vi đơn vị).
   */
  within?: InputMaybe<UnitRef>;
};

/** The kind of solution that an initiative is (loại giải pháp). */
export type InitiativeKind =
  /** An idea that is not yet put to use (ý tưởng). */
  | 'IDEA'
  /** A solution of management (giải pháp quản lý). */
  | 'MANAGEMENT'
  /** A solution of daily operation (giải pháp tác nghiệp). */
  | 'OPERATIONAL'
  /** A topic of scientific research (đề tài nghiên cứu khoa học). */
  | 'RESEARCH'
  /** A technical solution (giải pháp kỹ thuật). */
  | 'TECHNICAL'
  /** An application of technical progress or technology (ứng dụng tiến bộ kỹ thuật, công nghệ). */
  | 'TECHNOLOGY_APPLICATION';

/** The order of a list of initiatives; equals follow the order of entry (thứ tự sáng kiến). */
export type InitiativeOrder = {
  /** The end of the order that comes first; the greatest by default (chiều sắp xếp). */
  direction?: OrderDirection;
  /** The property that the list is ordered by (tiêu chí sắp xếp). */
  field: InitiativeOrderField;
};

/** A property that orders initiatives (tiêu chí sắp xếp). */
export type InitiativeOrderField =
  /**
   * The yearly benefit; one that is not stated, or that the caller may not see, is the least
   * (giá trị làm lợi).
   */
  | 'BENEFIT'
  /** The moment of submission (thời điểm đăng ký). */
  | 'SUBMITTED_AT'
  /** The moment of the last change (thời điểm cập nhật). */
  | 'UPDATED_AT';

/** The outcome of a change of one initiative (kết quả). */
export type InitiativePayload = {
  __typename?: 'InitiativePayload';
  /** The reasons for which the change was refused; empty if it was carried out (lỗi). */
  errors: Array<UserError>;
  /**
   * The initiative after the change; null if the change was refused, except for CONFLICT, which
   * shows the initiative as it is now if the caller may see it (sáng kiến).
   */
  initiative?: Maybe<Initiative>;
  /**
   * True if the key was used before for the same content: the initiative of that time is
   * answered, and nothing counts twice (đã gửi trước đó).
   */
  replayed: Scalars['Boolean']['output'];
};

/** The place of an initiative in the review (trạng thái). */
export type InitiativeStatus =
  /** A review found the initiative valid (hợp lệ). */
  | 'ACCEPTED'
  /** The initiative waits for review (chờ xét duyệt). */
  | 'PENDING'
  /** A review found the initiative not valid (không hợp lệ). */
  | 'REJECTED'
  /** A review sent the initiative back for correction (trả lại để chỉnh sửa). */
  | 'RETURNED'
  /** The initiative was taken back and counts no more (đã rút). */
  | 'WITHDRAWN';

/** The outcome of one review of several initiatives, each decided for itself (kết quả). */
export type InitiativesPayload = {
  __typename?: 'InitiativesPayload';
  /**
   * The reasons for which places were refused; the path ["ids", "3"] leads to the fourth id.
   * Empty if all were carried out (lỗi).
   */
  errors: Array<UserError>;
  /**
   * The initiatives after the review, in the order of `ids`; null at each refused place. Empty
   * if the input as a whole was refused (các sáng kiến).
   */
  initiatives: Array<Maybe<Initiative>>;
};

/**
 * A ranking of units in a period (bảng xếp hạng). It ranks the open units among the direct
 * children of `within`, or all open units of the asked `kinds` below it. When a ratio ranks, units
 * without a target (or without `memberCount`) share the rank after all others, with the value 0.
 */
export type Leaderboard = Node & {
  __typename?: 'Leaderboard';
  /**
   * The row of the unit that the argument `around` names, with one row above and one below it;
   * empty if none was named, or if that unit is not ranked (đơn vị được hỏi và hai đơn vị kề
   * bên). It costs about 1 for each 3 rows, and what is selected of them.
   */
  around: Array<LeaderboardEntry>;
  /**
   * The moment of the last change that the board shows; an unchanged board keeps it (số liệu
   * tính đến).
   */
  asOf: Scalars['DateTime']['output'];
  /**
   * The first rows of the board, as many as `first` asks for, best rank first (các dòng đầu
   * bảng). It costs about 1 for each 3 rows, and what is selected of them.
   */
  entries: Array<LeaderboardEntry>;
  /**
   * The moment that the board's figures are of: of now, of the end of a day, or kept (số liệu
   * lúc nào).
   */
  figures: Figures;
  /** Global id of the board, made from the arguments that asked for it (mã toàn cục). */
  id: Scalars['ID']['output'];
  /** The period that the board counts (đợt thi đua). */
  period: Period;
  /** The measure that orders the board (tiêu chí xếp hạng). */
  rankBy: RankBy;
  /** Number of units that are ranked: 83 in "21/83" (số đơn vị được xếp hạng). */
  ranked: Scalars['Int']['output'];
  /** The first day that `gained` counts; `previousRank` is of the day before it (tính từ ngày). */
  since: Scalars['Date']['output'];
  /** The counts of `within` with everything under it (tổng số). */
  total: Tally;
  /** The version of the last change that the board shows; it never falls (phiên bản số liệu). */
  version: Scalars['Long']['output'];
  /** The unit whose units below are ranked (trong phạm vi). */
  within: Unit;
};

/** A row of a leaderboard (dòng xếp hạng). */
export type LeaderboardEntry = {
  __typename?: 'LeaderboardEntry';
  /**
   * The count of the period's metric less that of the end of the day before `since`; negative if
   * more was withdrawn than entered (mức tăng).
   */
  gained: Scalars['Int']['output'];
  /** The unit's rank at the end of the day before `since`; null if it had none (hạng trước đó). */
  previousRank?: Maybe<Scalars['Int']['output']>;
  /**
   * The unit's rank, from 1. Equals share the better rank, as in 1 1 3, and stand in the order
   * of their codes (hạng).
   */
  rank: Scalars['Int']['output'];
  /** The unit's counts in the board's period (số liệu). */
  tally: Tally;
  /** The unit that the row ranks (đơn vị). */
  unit: Unit;
  /**
   * The measure that `rankBy` names, in its own unit: a number, a ratio of which 1.0 is 100 %,
   * or đồng (giá trị xếp hạng).
   */
  value: Scalars['Float']['output'];
};

/**
 * A unit to hang under another parent, with everything under it and with its past (chuyển cấp
 * trên).
 */
export type MoveUnitInput = {
  /**
   * The new parent; the unit itself and units below it are refused with WOULD_CYCLE (cấp trên
   * mới).
   */
  newParent: UnitRef;
  /** The unit to move (đơn vị). */
  unit: UnitRef;
};

/**
 * Changes of the data (thay đổi dữ liệu). Each needs a token (else UNAUTHENTICATED), is on disk
 * when it is answered, and tells a refusal that the caller can mend in `errors` of its payload.
 */
export type Mutation = {
  __typename?: 'Mutation';
  /**
   * Closes a unit: its past counts stay, and nothing new enters it. Refusals: NOT_FOUND,
   * INVALID, FORBIDDEN (ngừng hoạt động).
   */
  closeUnit: UnitPayload;
  /**
   * Chooses an accepted initiative as an example, or takes the choice back. Refusals:
   * WRONG_STATE, NOT_FOUND, FORBIDDEN (chọn sáng kiến tiêu biểu).
   */
  featureInitiative: InitiativePayload;
  /**
   * Hangs a unit under another parent, with everything under it and with its past. Refusals:
   * WOULD_CYCLE, NOT_FOUND, FORBIDDEN (chuyển cấp trên).
   */
  moveUnit: UnitPayload;
  /** Opens a closed unit again. Refusals: NOT_FOUND, FORBIDDEN (mở lại đơn vị). */
  reopenUnit: UnitPayload;
  /**
   * Accepts, returns or rejects an initiative that is not withdrawn; a later review replaces an
   * earlier one. Refusals: WRONG_STATE, CONFLICT, NOT_FOUND, INVALID, FORBIDDEN (xét duyệt sáng
   * kiến).
   */
  reviewInitiative: InitiativePayload;
  /**
   * Accepts, returns or rejects up to 200 initiatives, each for itself: one refused leaves the
   * others. Refusals: WRONG_STATE, NOT_FOUND, INVALID, FORBIDDEN (xét duyệt nhiều sáng kiến).
   */
  reviewInitiatives: InitiativesPayload;
  /**
   * Corrects a pending or returned initiative, which is pending again then. Refusals:
   * WRONG_STATE, CONFLICT, NOT_ELIGIBLE, NOT_FOUND, INVALID, FORBIDDEN (chỉnh sửa sáng kiến).
   */
  reviseInitiative: InitiativePayload;
  /**
   * Sets the targets of up to 500 units, all or none. Refusals: NOT_FOUND, INVALID, FORBIDDEN
   * (giao chỉ tiêu).
   */
  setTargets: TargetsPayload;
  /**
   * Enters an initiative while a period that covers its unit is running. Refusals: NOT_ELIGIBLE,
   * KEY_REUSED, NOT_FOUND, INVALID, FORBIDDEN (đăng ký sáng kiến).
   */
  submitInitiative: InitiativePayload;
  /**
   * Moves an initiative that was entered under the wrong unit to the right one. Refusals:
   * WRONG_STATE, CONFLICT, NOT_ELIGIBLE, NOT_FOUND, INVALID, FORBIDDEN (chuyển sáng kiến sang
   * đơn vị khác).
   */
  transferInitiative: InitiativePayload;
  /**
   * Makes a period, or changes the one with the same code. Refusals: NOT_FOUND, INVALID,
   * WOULD_CYCLE, FORBIDDEN (thêm hoặc sửa đợt thi đua).
   */
  upsertPeriod: PeriodPayload;
  /**
   * Makes a unit, or changes the one with the same code. Refusals: NOT_FOUND, INVALID,
   * WOULD_CYCLE, FORBIDDEN (thêm hoặc sửa đơn vị).
   */
  upsertUnit: UnitPayload;
  /**
   * Takes an initiative back, so that it counts no more. Refusals: CONFLICT, NOT_FOUND, INVALID,
   * FORBIDDEN (rút sáng kiến).
   */
  withdrawInitiative: InitiativePayload;
};


/**
 * Changes of the data (thay đổi dữ liệu). Each needs a token (else UNAUTHENTICATED), is on disk
 * when it is answered, and tells a refusal that the caller can mend in `errors` of its payload.
 */
export type MutationCloseUnitArgs = {
  input: CloseUnitInput;
};


/**
 * Changes of the data (thay đổi dữ liệu). Each needs a token (else UNAUTHENTICATED), is on disk
 * when it is answered, and tells a refusal that the caller can mend in `errors` of its payload.
 */
export type MutationFeatureInitiativeArgs = {
  input: FeatureInitiativeInput;
};


/**
 * Changes of the data (thay đổi dữ liệu). Each needs a token (else UNAUTHENTICATED), is on disk
 * when it is answered, and tells a refusal that the caller can mend in `errors` of its payload.
 */
export type MutationMoveUnitArgs = {
  input: MoveUnitInput;
};


/**
 * Changes of the data (thay đổi dữ liệu). Each needs a token (else UNAUTHENTICATED), is on disk
 * when it is answered, and tells a refusal that the caller can mend in `errors` of its payload.
 */
export type MutationReopenUnitArgs = {
  unit: UnitRef;
};


/**
 * Changes of the data (thay đổi dữ liệu). Each needs a token (else UNAUTHENTICATED), is on disk
 * when it is answered, and tells a refusal that the caller can mend in `errors` of its payload.
 */
export type MutationReviewInitiativeArgs = {
  input: ReviewInitiativeInput;
};


/**
 * Changes of the data (thay đổi dữ liệu). Each needs a token (else UNAUTHENTICATED), is on disk
 * when it is answered, and tells a refusal that the caller can mend in `errors` of its payload.
 */
export type MutationReviewInitiativesArgs = {
  input: ReviewInitiativesInput;
};


/**
 * Changes of the data (thay đổi dữ liệu). Each needs a token (else UNAUTHENTICATED), is on disk
 * when it is answered, and tells a refusal that the caller can mend in `errors` of its payload.
 */
export type MutationReviseInitiativeArgs = {
  input: ReviseInitiativeInput;
};


/**
 * Changes of the data (thay đổi dữ liệu). Each needs a token (else UNAUTHENTICATED), is on disk
 * when it is answered, and tells a refusal that the caller can mend in `errors` of its payload.
 */
export type MutationSetTargetsArgs = {
  input: SetTargetsInput;
};


/**
 * Changes of the data (thay đổi dữ liệu). Each needs a token (else UNAUTHENTICATED), is on disk
 * when it is answered, and tells a refusal that the caller can mend in `errors` of its payload.
 */
export type MutationSubmitInitiativeArgs = {
  input: SubmitInitiativeInput;
};


/**
 * Changes of the data (thay đổi dữ liệu). Each needs a token (else UNAUTHENTICATED), is on disk
 * when it is answered, and tells a refusal that the caller can mend in `errors` of its payload.
 */
export type MutationTransferInitiativeArgs = {
  input: TransferInitiativeInput;
};


/**
 * Changes of the data (thay đổi dữ liệu). Each needs a token (else UNAUTHENTICATED), is on disk
 * when it is answered, and tells a refusal that the caller can mend in `errors` of its payload.
 */
export type MutationUpsertPeriodArgs = {
  input: UpsertPeriodInput;
};


/**
 * Changes of the data (thay đổi dữ liệu). Each needs a token (else UNAUTHENTICATED), is on disk
 * when it is answered, and tells a refusal that the caller can mend in `errors` of its payload.
 */
export type MutationUpsertUnitArgs = {
  input: UpsertUnitInput;
};


/**
 * Changes of the data (thay đổi dữ liệu). Each needs a token (else UNAUTHENTICATED), is on disk
 * when it is answered, and tells a refusal that the caller can mend in `errors` of its payload.
 */
export type MutationWithdrawInitiativeArgs = {
  input: WithdrawInitiativeInput;
};

/** An object with a global id (đối tượng có mã toàn cục). */
export type Node = {
  /** Global id of the object (mã toàn cục). */
  id: Scalars['ID']['output'];
};

/** The end of an order that comes first (chiều sắp xếp). */
export type OrderDirection =
  /** The least comes first (tăng dần). */
  | 'ASC'
  /** The greatest comes first (giảm dần). */
  | 'DESC';

/**
 * The course of a period's count towards the target, within the days of the period (tiến độ).
 * Until today is over it is one of the days to come.
 */
export type Pace = {
  __typename?: 'Pace';
  /** Number of today among the period's days; the first day is 1 (ngày thứ mấy). */
  dayNumber: Scalars['Int']['output'];
  /** Number of the period's days, first and last included (tổng số ngày). */
  days: Scalars['Int']['output'];
  /** Number of days after today; 0 on the last day (số ngày còn lại). */
  daysLeft: Scalars['Int']['output'];
  /**
   * The mean count a day that meets the target, from today to the last day, today's whole count
   * included. 0 if the target is reached; null if there is no target (số cần đạt mỗi ngày).
   */
  neededPerDay?: Maybe<Scalars['Float']['output']>;
  /**
   * The count at the period's end, if each day to come brings the mean of the last 7 whole days
   * of the period: of fewer if there are no more, of today on the first day. Never less than the
   * present count (dự kiến cuối đợt thi đua).
   */
  projected: Scalars['Int']['output'];
};

/** The place of a page in its list (thông tin trang). */
export type PageInfo = {
  __typename?: 'PageInfo';
  /** Cursor of the page's last row; null on an empty page, but for events (vị trí cuối). */
  endCursor?: Maybe<Scalars['String']['output']>;
  /** True if the list may have rows after this page (còn trang sau). */
  hasNextPage: Scalars['Boolean']['output'];
  /** True if the list may have rows before this page (còn trang trước). */
  hasPreviousPage: Scalars['Boolean']['output'];
  /** Cursor of the page's first row; null on an empty page (vị trí đầu). */
  startCursor?: Maybe<Scalars['String']['output']>;
};

/** A share of a unit's members, in per cent (tỷ lệ phần trăm). */
export type PercentInput = {
  /** The lower bound, more than 0 and at most 100 (từ, phần trăm). */
  from: Scalars['Float']['input'];
  /** The upper bound, from `from` to 100; left out if one number was given (đến, phần trăm). */
  to?: InputMaybe<Scalars['Float']['input']>;
};

/**
 * A stretch of days in which the initiatives of its owner's subtree count: the programme, a phase,
 * a campaign, a unit's own peak week (đợt thi đua).
 */
export type Period = Node & {
  __typename?: 'Period';
  /**
   * The first day of being put to use that makes an initiative eligible for the programme; it
   * bounds `appliedOn`, not the day of entry. Null if there is no bound (áp dụng từ ngày).
   */
  appliedFrom?: Maybe<Scalars['Date']['output']>;
  /**
   * The last day of being put to use that makes an initiative eligible for the programme. Null
   * if there is no bound (áp dụng đến ngày).
   */
  appliedUntil?: Maybe<Scalars['Date']['output']>;
  /** The code that people use, unique among periods (mã đợt thi đua). */
  code: Scalars['String']['output'];
  /** The last day of the period, which belongs to it whole (ngày kết thúc). */
  endsOn: Scalars['Date']['output'];
  /** Global id of the period (mã toàn cục). */
  id: Scalars['ID']['output'];
  /** The kind of the period (loại đợt thi đua). */
  kind: PeriodKind;
  /** The count that the period's targets, its ratios and PER_1000_MEMBERS are about (chỉ số). */
  metric: TargetMetric;
  /** The period's name, at most 300 characters (tên đợt thi đua). */
  name: Scalars['String']['output'];
  /** The unit that called the period, which covers this unit and all below it (đơn vị phát động). */
  owner: Unit;
  /** The period that this one is part of; null if there is none (đợt thi đua cấp trên). */
  parent?: Maybe<Period>;
  /** The first day of the period (ngày bắt đầu). */
  startsOn: Scalars['Date']['output'];
};

/** A page of periods, by the Relay specification of connections (trang đợt thi đua). */
export type PeriodConnection = {
  __typename?: 'PeriodConnection';
  /** The page's rows with their cursors (các dòng). */
  edges: Array<PeriodEdge>;
  /** The page's periods without cursors (các đợt thi đua). */
  nodes: Array<Period>;
  /** The page's place in the list (thông tin trang). */
  pageInfo: PageInfo;
  /** Number of periods in all pages together (tổng số). */
  totalCount: Scalars['Int']['output'];
};

/** A row of a page of periods (dòng). */
export type PeriodEdge = {
  __typename?: 'PeriodEdge';
  /**
   * The row's position in its list, opaque; `after` and `before` of the same list take it (vị
   * trí).
   */
  cursor: Scalars['String']['output'];
  /** The period of the row (đợt thi đua). */
  node: Period;
};

/** The kind of a period (loại đợt thi đua). */
export type PeriodKind =
  /** A peak campaign of weeks (chiến dịch thi đua cao điểm). */
  | 'CAMPAIGN'
  /** Any other kind of period (loại khác). */
  | 'OTHER'
  /** A peak month (tháng cao điểm). */
  | 'PEAK_MONTH'
  /** A peak week (tuần cao điểm). */
  | 'PEAK_WEEK'
  /** A phase of a programme (giai đoạn). */
  | 'PHASE'
  /** A programme of years (chương trình). */
  | 'PROGRAMME'
  /** A quarter of a year (quý). */
  | 'QUARTER';

/** The outcome of a change of a period (kết quả). */
export type PeriodPayload = {
  __typename?: 'PeriodPayload';
  /** The reasons for which the change was refused; empty if it was carried out (lỗi). */
  errors: Array<UserError>;
  /** The period after the change; null if it was refused (đợt thi đua). */
  period?: Maybe<Period>;
};

/**
 * A reference to a period, by its global id or by the code that people use (tham chiếu đợt thi
 * đua).
 */
export type PeriodRef =
  /** The period's code (mã đợt thi đua). */
  { code: Scalars['String']['input']; id?: never; }
  |  /** The period's global id (mã toàn cục). */
  { code?: never; id: Scalars['ID']['input']; };

/**
 * Questions that change nothing (truy vấn). Each answer shows one version of the log, which
 * `extensions.version` tells.
 */
export type Query = {
  __typename?: 'Query';
  /**
   * The operator's list of fields of work, in the operator's order. While it is empty, an
   * initiative may name any text as its field (lĩnh vực). It costs about 1 for each 3 fields of
   * work.
   */
  fields: Array<Field>;
  /**
   * The initiative of a global id; null if there is none, or if the caller may not see it (sáng
   * kiến).
   */
  initiative?: Maybe<Initiative>;
  /**
   * A page of the log, for clients that hold no socket: event for event what the subscription
   * `initiativeEvents` sends. CURSOR_EXPIRED if the cursor is of another log (nhật ký sự kiện).
   * It costs about 2 for each event that the page looks through.
   */
  initiativeEvents: InitiativeEventConnection;
  /**
   * A page of the initiatives that the caller may see, the newest first by default (danh sách
   * sáng kiến). A page costs about 13 for each row, and up to 20,000 for finding the rows;
   * `totalCount` costs about 1 for each 10 initiatives.
   */
  initiatives: InitiativeConnection;
  /**
   * A ranking of the units below a unit; null while there is no period at all (bảng xếp hạng).
   * It costs about 1 for each unit that is ranked, more with an earlier `since`, and what is
   * selected of the rows.
   */
  leaderboard?: Maybe<Leaderboard>;
  /**
   * The object that a global id names; null if it names nothing, or if the caller may not see it
   * (đối tượng theo mã toàn cục).
   */
  node?: Maybe<Node>;
  /**
   * The objects that up to 500 global ids name, in the order of `ids`; null at each id that
   * names nothing or that the caller may not see (nhiều đối tượng theo mã toàn cục). It costs
   * about 4 for each 3 ids, and what is selected of what the id names.
   */
  nodes: Array<Maybe<Node>>;
  /** The period of a reference; null if it names nothing (đợt thi đua). */
  period?: Maybe<Period>;
  /**
   * A page of all periods, in the order of first day, last day and code (danh sách đợt thi đua).
   * It costs what is selected of the rows of the page, and with `covering`, `kinds` or `runningOn`
   * about 1 for each 4 periods that it looks through.
   */
  periods: PeriodConnection;
  /** The unit above all others, Tổng Liên đoàn Lao động Việt Nam (đơn vị cao nhất). */
  root: Unit;
  /**
   * The period that counts are taken from if a field names none, as long as it is running: the
   * root's campaign, phase or programme that started last. Null if none of them is running; the
   * default is then the period of `root { tally { period } }` (đợt thi đua đang diễn ra).
   */
  runningPeriod?: Maybe<Period>;
  /**
   * Units whose names or codes hold the words of a text, the best match first: "dong nai" finds
   * "Đồng Nai". Each word must begin a word of the unit. If no unit has all words, names above
   * count as well: "tan thanh dong nai" finds the Tân Thành in Đồng Nai (tìm đơn vị theo tên,
   * không cần dấu). It costs about 1 for each 3 units of the whole tree, more with many words,
   * and what is selected of the rows.
   */
  searchUnits: Array<Unit>;
  /**
   * The present day in Việt Nam by the server's log, which a form takes instead of the browser's
   * day (ngày hiện tại).
   */
  today: Scalars['Date']['output'];
  /** The unit of a reference; null if it names nothing (đơn vị). */
  unit?: Maybe<Unit>;
  /**
   * A page of all units, in the order of names by default (danh sách đơn vị). It costs about 2
   * for each 3 units among which it looks, and what is selected of the rows of the page.
   */
  units: UnitConnection;
  /**
   * The units of up to 500 codes, in the order of `codes`; null at each code that names nothing
   * (đơn vị theo danh sách mã). It costs about 1 for each code, and what is selected of each
   * unit.
   */
  unitsByCode: Array<Maybe<Unit>>;
  /** The caller, as its token shows (người dùng). */
  viewer: Viewer;
};


/**
 * Questions that change nothing (truy vấn). Each answer shows one version of the log, which
 * `extensions.version` tells.
 */
export type QueryInitiativeArgs = {
  id: Scalars['ID']['input'];
};


/**
 * Questions that change nothing (truy vấn). Each answer shows one version of the log, which
 * `extensions.version` tells.
 */
export type QueryInitiativeEventsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  within?: InputMaybe<UnitRef>;
};


/**
 * Questions that change nothing (truy vấn). Each answer shows one version of the log, which
 * `extensions.version` tells.
 */
export type QueryInitiativesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<InitiativeFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<InitiativeOrder>;
};


/**
 * Questions that change nothing (truy vấn). Each answer shows one version of the log, which
 * `extensions.version` tells.
 */
export type QueryLeaderboardArgs = {
  around?: InputMaybe<UnitRef>;
  cluster?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  kinds?: InputMaybe<Array<UnitKind>>;
  period?: InputMaybe<PeriodRef>;
  rankBy?: InputMaybe<RankBy>;
  since?: InputMaybe<Scalars['Date']['input']>;
  within?: InputMaybe<UnitRef>;
};


/**
 * Questions that change nothing (truy vấn). Each answer shows one version of the log, which
 * `extensions.version` tells.
 */
export type QueryNodeArgs = {
  id: Scalars['ID']['input'];
};


/**
 * Questions that change nothing (truy vấn). Each answer shows one version of the log, which
 * `extensions.version` tells.
 */
export type QueryNodesArgs = {
  ids: Array<Scalars['ID']['input']>;
};


/**
 * Questions that change nothing (truy vấn). Each answer shows one version of the log, which
 * `extensions.version` tells.
 */
export type QueryPeriodArgs = {
  ref: PeriodRef;
};


/**
 * Questions that change nothing (truy vấn). Each answer shows one version of the log, which
 * `extensions.version` tells.
 */
export type QueryPeriodsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  covering?: InputMaybe<UnitRef>;
  first?: InputMaybe<Scalars['Int']['input']>;
  kinds?: InputMaybe<Array<PeriodKind>>;
  last?: InputMaybe<Scalars['Int']['input']>;
  runningOn?: InputMaybe<Scalars['Date']['input']>;
};


/**
 * Questions that change nothing (truy vấn). Each answer shows one version of the log, which
 * `extensions.version` tells.
 */
export type QuerySearchUnitsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  text: Scalars['String']['input'];
  within?: InputMaybe<UnitRef>;
};


/**
 * Questions that change nothing (truy vấn). Each answer shows one version of the log, which
 * `extensions.version` tells.
 */
export type QueryUnitArgs = {
  ref: UnitRef;
};


/**
 * Questions that change nothing (truy vấn). Each answer shows one version of the log, which
 * `extensions.version` tells.
 */
export type QueryUnitsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<UnitFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<UnitOrder>;
  period?: InputMaybe<PeriodRef>;
};


/**
 * Questions that change nothing (truy vấn). Each answer shows one version of the log, which
 * `extensions.version` tells.
 */
export type QueryUnitsByCodeArgs = {
  codes: Array<Scalars['String']['input']>;
};

/** The measure that orders a ranking, the greatest first (tiêu chí xếp hạng). */
export type RankBy =
  /** Number of accepted initiatives (số sáng kiến hợp lệ). */
  | 'ACCEPTED'
  /** Yearly benefit of accepted initiatives, in đồng (giá trị làm lợi). */
  | 'BENEFIT'
  /** Growth of the period's count since the day of `since` (mức tăng). */
  | 'GAINED'
  /** Number of people with a submitted initiative (số người tham gia). */
  | 'PARTICIPANTS'
  /** The period's count for each 1,000 members (số liệu trên 1.000 đoàn viên). */
  | 'PER_1000_MEMBERS'
  /** Number of submitted initiatives (số sáng kiến đăng ký). */
  | 'SUBMITTED'
  /** The period's count divided by the target; 1.0 is 100 % (tỷ lệ đạt chỉ tiêu). */
  | 'TARGET_RATIO';

/** The reason for a rejection (lý do không hợp lệ). */
export type RejectionReason =
  /** The initiative is against public order or morals (trái trật tự công cộng, đạo đức xã hội). */
  | 'AGAINST_ORDER'
  /** The initiative was entered before (trùng lặp). */
  | 'DUPLICATE'
  /** The entry is no initiative (không phải sáng kiến). */
  | 'NOT_AN_INITIATIVE'
  /** No competent council or head recognised the initiative (chưa được công nhận). */
  | 'NOT_RECOGNISED'
  /** Any other reason (lý do khác). */
  | 'OTHER'
  /** The initiative was put to use outside the programme's window (ngoài thời gian áp dụng). */
  | 'OUTSIDE_WINDOW'
  /** The initiative is protected as intellectual property (đang được bảo hộ sở hữu trí tuệ). */
  | 'PROTECTED_BY_IP';

/** The decision of a review (kết quả xét duyệt). */
export type ReviewDecision =
  /** The reviewer finds the initiative valid (xác nhận hợp lệ). */
  | 'ACCEPT'
  /** The reviewer finds the initiative not valid (không hợp lệ). */
  | 'REJECT'
  /** The reviewer sends the initiative back for correction (trả lại để chỉnh sửa). */
  | 'RETURN';

/** A review of one initiative (xét duyệt). */
export type ReviewInitiativeInput = {
  /** The decision of the review (kết quả xét duyệt). */
  decision: ReviewDecision;
  /** The version that the caller saw; a later change is refused with CONFLICT (phiên bản đã xem). */
  expectedVersion?: InputMaybe<Scalars['Long']['input']>;
  /** Global id of the initiative, which must not be withdrawn (mã toàn cục của sáng kiến). */
  id: Scalars['ID']['input'];
  /** A note for those who manage the unit, at most 10,000 characters (ý kiến xét duyệt). */
  note?: InputMaybe<Scalars['String']['input']>;
  /** The reason for a rejection; INVALID with any decision but REJECT (lý do không hợp lệ). */
  reason?: InputMaybe<RejectionReason>;
};

/** One review of several initiatives, each decided for itself (xét duyệt nhiều sáng kiến). */
export type ReviewInitiativesInput = {
  /** The decision on each initiative (kết quả xét duyệt). */
  decision: ReviewDecision;
  /**
   * Global ids of the initiatives, at most 200, none of them withdrawn (mã toàn cục của các sáng
   * kiến).
   */
  ids: Array<Scalars['ID']['input']>;
  /** A note for those who manage the units, at most 10,000 characters (ý kiến xét duyệt). */
  note?: InputMaybe<Scalars['String']['input']>;
  /** The reason for the rejections; INVALID with any decision but REJECT (lý do không hợp lệ). */
  reason?: InputMaybe<RejectionReason>;
};

/**
 * A correction of a pending or returned initiative, which is pending again then. A field left out
 * stays as it is; null clears it (chỉnh sửa).
 */
export type ReviseInitiativeInput = {
  /** The day on which the initiative was first put to use (ngày áp dụng lần đầu). */
  appliedOn?: InputMaybe<Scalars['Date']['input']>;
  /** All authors, 1 to 50, in the place of those before; null is refused with INVALID (tác giả). */
  authors?: InputMaybe<Array<AuthorInput>>;
  /** The benefit in đồng a year, 0 to 10^13 (giá trị làm lợi). */
  benefitVnd?: InputMaybe<Scalars['Long']['input']>;
  /** True if only the title is to be public; null stands for false (bảo mật). */
  confidential?: InputMaybe<Scalars['Boolean']['input']>;
  /** The version that the caller saw; a later change is refused with CONFLICT (phiên bản đã xem). */
  expectedVersion?: InputMaybe<Scalars['Long']['input']>;
  /**
   * The new field of work: a code of `Query.fields`, or any text of at most 300 characters while
   * that list is empty (lĩnh vực).
   */
  field?: InputMaybe<Scalars['String']['input']>;
  /** Global id of the initiative, which must be pending or returned (mã toàn cục của sáng kiến). */
  id: Scalars['ID']['input'];
  /** The new kind of solution; null is refused with INVALID (loại giải pháp). */
  kind?: InputMaybe<InitiativeKind>;
  /**
   * The council or head that recognised the initiative, with the decision's number, at most 300
   * characters (được công nhận bởi).
   */
  recognisedBy?: InputMaybe<Scalars['String']['input']>;
  /** The new content in a few paragraphs, at most 10,000 characters (nội dung tóm tắt). */
  summary?: InputMaybe<Scalars['String']['input']>;
  /** The team whose joint work the initiative is, at most 300 characters (tổ, đội, phòng). */
  team?: InputMaybe<Scalars['String']['input']>;
  /** The new title, 1 to 500 characters; null is refused with INVALID (tên sáng kiến). */
  title?: InputMaybe<Scalars['String']['input']>;
};

/** A role over a unit and all units below it; a caller without any is anonymous (vai trò). */
export type Role =
  /** May see and do everything (quản trị). */
  | 'ADMIN'
  /** Sees what the public sees, for screens (màn hình). */
  | 'DISPLAY'
  /**
   * Enters, reviews and transfers initiatives, manages units and periods, and assigns targets to
   * the units below its own (cán bộ công đoàn).
   */
  | 'OFFICER'
  /** Reads every initiative without contact data, codes of persons and review notes (đối tác). */
  | 'PARTNER'
  /** Reviews initiatives and chooses examples (người xét duyệt). */
  | 'REVIEWER'
  /** Enters, revises and withdraws initiatives (người đăng ký). */
  | 'SUBMITTER';

/**
 * The side of working life that a unit belongs to. Hành chính sự nghiệp is PUBLIC_ADMINISTRATION,
 * EDUCATION and HEALTH together (khu vực).
 */
export type Sector =
  /** Schools and universities (giáo dục). */
  | 'EDUCATION'
  /** Hospitals and health services (y tế). */
  | 'HEALTH'
  /** Production and business (sản xuất kinh doanh). */
  | 'PRODUCTION_BUSINESS'
  /** Public administration (hành chính). */
  | 'PUBLIC_ADMINISTRATION'
  /** Organisations of the union itself (tổ chức công đoàn). */
  | 'UNION';

/** Targets of one period and metric to set, all or none (giao chỉ tiêu). */
export type SetTargetsInput = {
  /**
   * The number of the document that sets the targets, as written, at most 300 characters (số
   * công văn).
   */
  documentNumber?: InputMaybe<Scalars['String']['input']>;
  /** The goal of each unit, 1 to 500, no unit twice (các chỉ tiêu). */
  goals: Array<UnitGoalInput>;
  /** The count that the goals are about; the period's own metric by default (chỉ số). */
  metric?: InputMaybe<TargetMetric>;
  /**
   * The unit that sets the goals: the one above (ASSIGNED) or the unit itself (PLEDGED) (nguồn
   * chỉ tiêu).
   */
  origin?: TargetOrigin;
  /** The period of the targets (đợt thi đua). */
  period: PeriodRef;
};

/** The rank of one unit among the units that it is compared with (thứ hạng). */
export type Standing = {
  __typename?: 'Standing';
  /** The cluster that is ranked alone; null if all are ranked (cụm, khối thi đua). */
  cluster?: Maybe<Scalars['String']['output']>;
  /**
   * The count of the period's metric less that of the end of the day before `since`; negative if
   * more was withdrawn than entered (mức tăng).
   */
  gained: Scalars['Int']['output'];
  /** Number of units that are ranked: 83 in "21/83" (trên tổng số). */
  of: Scalars['Int']['output'];
  /** The unit's rank at the end of the day before `since`; null if it had none (hạng trước đó). */
  previousRank?: Maybe<Scalars['Int']['output']>;
  /** The unit's rank, from 1; equals share the better one (hạng). */
  rank: Scalars['Int']['output'];
  /**
   * The measure that `rankBy` names, in its own unit: a number, a ratio of which 1.0 is 100 %,
   * or đồng (giá trị xếp hạng).
   */
  value: Scalars['Float']['output'];
  /** The unit whose units below are ranked (trong phạm vi). */
  within: Unit;
};

/** An initiative to enter (đăng ký sáng kiến). */
export type SubmitInitiativeInput = {
  /**
   * The day on which the initiative was first put to use. It may be left out for IDEA and
   * RESEARCH, or if the programme has no window (ngày áp dụng lần đầu).
   */
  appliedOn?: InputMaybe<Scalars['Date']['input']>;
  /** The authors, 1 to 50; a person who is named twice counts once (tác giả). */
  authors: Array<AuthorInput>;
  /** The benefit in đồng a year, 0 to 10^13 (giá trị làm lợi). */
  benefitVnd?: InputMaybe<Scalars['Long']['input']>;
  /** True if only the title is to be public (bảo mật). */
  confidential?: Scalars['Boolean']['input'];
  /**
   * The field of work: a code of `Query.fields`, or any text of at most 300 characters while
   * that list is empty (lĩnh vực).
   */
  field?: InputMaybe<Scalars['String']['input']>;
  /**
   * The client's own key for one intended submission, 1 to 100 characters. The same key with the
   * same content answers with the same initiative, and nothing counts twice; with other content
   * it is refused with KEY_REUSED (khóa chống trùng).
   */
  key: Scalars['ID']['input'];
  /** The kind of solution that the initiative is (loại giải pháp). */
  kind: InitiativeKind;
  /**
   * The council or head that recognised the initiative, with the decision's number, at most 300
   * characters (được công nhận bởi).
   */
  recognisedBy?: InputMaybe<Scalars['String']['input']>;
  /** The initiative's content in a few paragraphs, at most 10,000 characters (nội dung tóm tắt). */
  summary?: InputMaybe<Scalars['String']['input']>;
  /** The team whose joint work the initiative is, at most 300 characters (tổ, đội, phòng). */
  team?: InputMaybe<Scalars['String']['input']>;
  /** The initiative's title, 1 to 500 characters (tên sáng kiến). */
  title: Scalars['String']['input'];
  /** The unit that the initiative counts for (đơn vị). */
  unit: UnitRef;
};

/**
 * Live answers, over WebSocket (graphql-transport-ws) or as a stream over HTTP (theo dõi trực
 * tiếp).
 */
export type Subscription = {
  __typename?: 'Subscription';
  /**
   * Every event of the subtree as the tree stood at the event, in order, none twice, none left
   * out; a transfer is in both subtrees. CURSOR_EXPIRED if the cursor is of another log (sự kiện
   * sáng kiến).
   */
  initiativeEvents: InitiativeEvent;
  /**
   * A leaderboard: its present state at once, then its newest state whenever it changes, at most
   * every 250 ms. REF_NOT_FOUND while there is no period at all (bảng xếp hạng trực tiếp).
   */
  leaderboard: Leaderboard;
  /**
   * A unit's counts: their present state at once, then their newest state whenever they change,
   * at most every 250 ms. REF_NOT_FOUND while there is no period at all (số liệu trực tiếp).
   */
  tally: Tally;
};


/**
 * Live answers, over WebSocket (graphql-transport-ws) or as a stream over HTTP (theo dõi trực
 * tiếp).
 */
export type SubscriptionInitiativeEventsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  within?: InputMaybe<UnitRef>;
};


/**
 * Live answers, over WebSocket (graphql-transport-ws) or as a stream over HTTP (theo dõi trực
 * tiếp).
 */
export type SubscriptionLeaderboardArgs = {
  around?: InputMaybe<UnitRef>;
  cluster?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  kinds?: InputMaybe<Array<UnitKind>>;
  period?: InputMaybe<PeriodRef>;
  rankBy?: InputMaybe<RankBy>;
  since?: InputMaybe<Scalars['Date']['input']>;
  within?: InputMaybe<UnitRef>;
};


/**
 * Live answers, over WebSocket (graphql-transport-ws) or as a stream over HTTP (theo dõi trực
 * tiếp).
 */
export type SubscriptionTallyArgs = {
  period?: InputMaybe<PeriodRef>;
  unit: UnitRef;
};

/**
 * The counts of a unit in a period, everything under the unit included (số liệu). `submitted` is
 * always `accepted` + `pending` + `returned` + `rejected`, and a unit's counts are `own` and those
 * of its children together.
 */
export type Tally = Node & {
  __typename?: 'Tally';
  /** Number of submitted initiatives that a review found valid (số sáng kiến hợp lệ). */
  accepted: Scalars['Int']['output'];
  /**
   * Number of open grassroots unions in the unit's subtree that have at least one submitted
   * initiative (số công đoàn cơ sở có sáng kiến).
   */
  activeGrassrootsUnions: Scalars['Int']['output'];
  /** Yearly benefit of the accepted initiatives, in đồng, at most 2^53-1 (giá trị làm lợi). */
  benefitVnd: Scalars['Long']['output'];
  /**
   * `activeGrassrootsUnions` divided by `grassrootsUnions`: 1.0 is 100 %; null without any open
   * grassroots union (tỷ lệ công đoàn cơ sở có sáng kiến).
   */
  coverage?: Maybe<Scalars['Float']['output']>;
  /**
   * Days from the day on which the latest of the submitted initiatives was entered to the day of
   * the figures, or to the period's last day once that is over; 0 on the same day, null if there
   * is none (số ngày kể từ lần đăng ký gần nhất).
   */
  daysSinceLast?: Maybe<Scalars['Int']['output']>;
  /** The moment that the counts are of: of now, of the end of a day, or kept (số liệu lúc nào). */
  figures: Figures;
  /**
   * Number of open grassroots unions in the unit's subtree that the period covers (số công đoàn
   * cơ sở).
   */
  grassrootsUnions: Scalars['Int']['output'];
  /** Global id of the tally, made from its unit and its period (mã toàn cục). */
  id: Scalars['ID']['output'];
  /**
   * `submitted` divided by the unit's `memberCount`; null without a head-count above zero (số
   * sáng kiến trên một đoàn viên).
   */
  initiativesPerMember?: Maybe<Scalars['Float']['output']>;
  /**
   * The moment at which the latest of the submitted initiatives was entered; null if there is
   * none (lần đăng ký gần nhất).
   */
  lastSubmittedAt?: Maybe<Scalars['DateTime']['output']>;
  /**
   * Number of submitted initiatives that count for the unit itself, not for a unit below it (số
   * sáng kiến của chính đơn vị).
   */
  own: Scalars['Int']['output'];
  /**
   * The course towards the target within the period's days; null if today is not one of them
   * (tiến độ).
   */
  pace?: Maybe<Pace>;
  /**
   * Number of people with at least one submitted initiative. A person counts once in each unit,
   * told apart by code, or by name without one (số người tham gia).
   */
  participants: Scalars['Int']['output'];
  /**
   * `participants` divided by the unit's `memberCount`: 1.0 is 100 %; null without a head-count
   * above zero (tỷ lệ người tham gia).
   */
  participationRate?: Maybe<Scalars['Float']['output']>;
  /** Number of submitted initiatives that wait for review (số sáng kiến chờ xét duyệt). */
  pending: Scalars['Int']['output'];
  /** The period of the counts (đợt thi đua). */
  period: Period;
  /**
   * The count of the period's metric divided by `target`: 1.0 is 100 %; null without a target
   * above zero (tỷ lệ đạt chỉ tiêu).
   */
  ratio?: Maybe<Scalars['Float']['output']>;
  /** Number of submitted initiatives that a review found not valid (số sáng kiến không hợp lệ). */
  rejected: Scalars['Int']['output'];
  /**
   * Number of submitted initiatives that a review sent back for correction (số sáng kiến trả lại
   * để chỉnh sửa).
   */
  returned: Scalars['Int']['output'];
  /** Number of initiatives that were registered and not withdrawn (số sáng kiến đăng ký). */
  submitted: Scalars['Int']['output'];
  /**
   * The goal assigned to the unit for the period and its metric; null if there is none (chỉ tiêu
   * được giao).
   */
  target?: Maybe<Scalars['Int']['output']>;
  /** The unit of the counts (đơn vị). */
  unit: Unit;
  /**
   * The version of the last change in the unit's subtree, or in the targets, periods, units or
   * day that its counts rest on; it never falls (phiên bản số liệu).
   */
  version: Scalars['Long']['output'];
};

/** A number that a unit is to reach in a period (chỉ tiêu). */
export type Target = Node & {
  __typename?: 'Target';
  /**
   * Sum of the goals assigned to the unit's direct children for the same period and metric (đã
   * giao cho cấp dưới).
   */
  distributed: Scalars['Int']['output'];
  /**
   * The number of the document that set the target, as written: "160/CĐCT-CSPL&QHLĐ"; null if
   * none was given (số công văn).
   */
  documentNumber?: Maybe<Scalars['String']['output']>;
  /**
   * The number to reach. A goal that was given as a share is the share's lower bound of
   * `memberCount`, rounded up, at the moment of setting (số lượng).
   */
  goal: Scalars['Int']['output'];
  /** Global id of the target (mã toàn cục). */
  id: Scalars['ID']['output'];
  /** The count that the goal is about (chỉ số). */
  metric: TargetMetric;
  /** The unit that set the goal: the one above or the unit itself (nguồn chỉ tiêu). */
  origin: TargetOrigin;
  /**
   * The lower bound of the share of members that the goal was given as, in per cent; null if it
   * was given as a number (tỷ lệ từ).
   */
  percentFrom?: Maybe<Scalars['Float']['output']>;
  /**
   * The upper bound of the share of members that the goal was given as, in per cent; null if
   * there was none (tỷ lệ đến).
   */
  percentTo?: Maybe<Scalars['Float']['output']>;
  /** The period in which the goal is to be reached (đợt thi đua). */
  period: Period;
  /** The moment at which the target was set (thời điểm giao). */
  setAt: Scalars['DateTime']['output'];
  /** The unit that is to reach the goal (đơn vị). */
  unit: Unit;
};

/** The count that a target is about (chỉ số). */
export type TargetMetric =
  /** Number of accepted initiatives (số sáng kiến hợp lệ). */
  | 'ACCEPTED'
  /** Number of people with a submitted initiative (số người tham gia). */
  | 'PARTICIPANTS'
  /** Number of submitted initiatives (số sáng kiến đăng ký). */
  | 'SUBMITTED';

/** The unit that set a target (nguồn chỉ tiêu). */
export type TargetOrigin =
  /** The unit above set the target (chỉ tiêu được giao). */
  | 'ASSIGNED'
  /** The unit set the target itself, beyond the assigned one (chỉ tiêu tự đăng ký). */
  | 'PLEDGED';

/** The outcome of a change of targets (kết quả). */
export type TargetsPayload = {
  __typename?: 'TargetsPayload';
  /** The reasons for which nothing was set; empty if all was set (lỗi). */
  errors: Array<UserError>;
  /**
   * The targets that are there after the change, in the order of `goals`; empty if the change
   * was refused (các chỉ tiêu).
   */
  targets: Array<Target>;
};

/**
 * A secret that a client shows to prove its role; the text itself is never shown again (mã truy
 * cập).
 */
export type Token = Node & {
  __typename?: 'Token';
  /** The moment at which the token was made (thời điểm cấp). */
  createdAt: Scalars['DateTime']['output'];
  /**
   * The moment from which the token is refused; null if it holds until it is revoked (thời điểm
   * hết hạn).
   */
  expiresAt?: Maybe<Scalars['DateTime']['output']>;
  /** Global id of the token (mã toàn cục). */
  id: Scalars['ID']['output'];
  /**
   * The moment of the token's last use, to ten minutes; null if it was never used (lần dùng gần
   * nhất).
   */
  lastUsedAt?: Maybe<Scalars['DateTime']['output']>;
  /** The purpose that the token was made for (tên mã truy cập). */
  name: Scalars['String']['output'];
  /** The moment at which the token was revoked; null if it was not (thời điểm thu hồi). */
  revokedAt?: Maybe<Scalars['DateTime']['output']>;
  /** The role that the token gives (vai trò). */
  role: Role;
  /** The topmost unit that the role holds over (đơn vị). */
  unit: Unit;
};

/** An initiative that was entered under the wrong unit, and the right one (chuyển đơn vị). */
export type TransferInitiativeInput = {
  /** The version that the caller saw; a later change is refused with CONFLICT (phiên bản đã xem). */
  expectedVersion?: InputMaybe<Scalars['Long']['input']>;
  /** Global id of the initiative, which must not be withdrawn (mã toàn cục của sáng kiến). */
  id: Scalars['ID']['input'];
  /** The reason, kept in the log, at most 10,000 characters (lý do). */
  reason?: InputMaybe<Scalars['String']['input']>;
  /** The unit that the initiative belongs to, which must be open (đơn vị mới). */
  unit: UnitRef;
};

/**
 * An organisation of the union's tree: a federation, an industry union, a grassroots union, a
 * section (đơn vị).
 */
export type Unit = Node & {
  __typename?: 'Unit';
  /**
   * All units above, the root first, the parent last (các cấp trên). It costs about 1 for each 3
   * units above, and what is selected of them.
   */
  ancestors: Array<Unit>;
  /**
   * A page of the units directly below, in the order of names by default (cấp dưới trực tiếp).
   * It costs about 1 for each 3 of them, and what is selected of the rows of the page.
   */
  children: UnitConnection;
  /** The first day on which the unit is closed; null while it is open (ngày ngừng hoạt động). */
  closedOn?: Maybe<Scalars['Date']['output']>;
  /**
   * The emulation cluster that the unit belongs to among its siblings; null if it has none (cụm,
   * khối thi đua).
   */
  cluster?: Maybe<Scalars['String']['output']>;
  /**
   * The emulation clusters in use among the unit's children, in the order of names (các cụm,
   * khối thi đua). It costs about 1 for each 30 units directly below.
   */
  clusters: Array<Scalars['String']['output']>;
  /** The code that people use, unique among units (mã đơn vị). */
  code: Scalars['String']['output'];
  /**
   * One row for each day of submission, zeros too, from the period's first day to its last or
   * today, by today's states: the rows add up to the tally (số liệu theo ngày). It costs about 1
   * for each 3 days, and what is selected of them.
   */
  daily: Array<DailyTally>;
  /** Number of steps from the root, whose depth is 0 (cấp). */
  depth: Scalars['Int']['output'];
  /**
   * A page of all units below, in the order of names by default (tất cả cấp dưới). It costs
   * about 2 for each 3 of them, and what is selected of the rows of the page.
   */
  descendants: UnitConnection;
  /**
   * True if the unit is of a foreign-invested enterprise (doanh nghiệp có vốn đầu tư nước
   * ngoài).
   */
  foreignInvested: Scalars['Boolean']['output'];
  /** Global id of the unit (mã toàn cục). */
  id: Scalars['ID']['output'];
  /**
   * A page of the initiatives of the unit's subtree that the caller may see, the newest first by
   * default (danh sách sáng kiến). It costs as much as `Query.initiatives`.
   */
  initiatives: InitiativeConnection;
  /** The unit's kind of organisation (loại đơn vị). */
  kind: UnitKind;
  /**
   * Number of the unit's members and workers as it was stated, never summed; null if it was not
   * stated (số đoàn viên, người lao động).
   */
  memberCount?: Maybe<Scalars['Int']['output']>;
  /** The unit's name as its own documents write it (tên đơn vị). */
  name: Scalars['String']['output'];
  /** The unit above; null for the root (cấp trên). */
  parent?: Maybe<Unit>;
  /**
   * The periods that cover the unit, its own and those of the units above it, in the order of
   * first day, last day and code (các đợt thi đua áp dụng). It costs about 1 for each 4 periods
   * that cover the unit, and what is selected of them.
   */
  periods: Array<Period>;
  /** The side of working life that the unit belongs to; null if it was not stated (khu vực). */
  sector?: Maybe<Sector>;
  /**
   * The unit's rank among its siblings, or among the units of its kind below another unit above
   * it; null if it is not ranked, as a closed unit and the root are not (thứ hạng). A ranking
   * costs about 1 for each unit that is ranked, once for all rows that stand in it.
   */
  standing?: Maybe<Standing>;
  /** The unit's counts in a period, everything under it included (số liệu). */
  tally: Tally;
  /** The unit's target for a period, a metric and an origin; null if there is none (chỉ tiêu). */
  target?: Maybe<Target>;
  /**
   * All targets of the unit (các chỉ tiêu). It costs about 1 for each 3 targets, and what is
   * selected of them.
   */
  targets: Array<Target>;
};


/**
 * An organisation of the union's tree: a federation, an industry union, a grassroots union, a
 * section (đơn vị).
 */
export type UnitChildrenArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<UnitFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<UnitOrder>;
  period?: InputMaybe<PeriodRef>;
};


/**
 * An organisation of the union's tree: a federation, an industry union, a grassroots union, a
 * section (đơn vị).
 */
export type UnitDailyArgs = {
  from?: InputMaybe<Scalars['Date']['input']>;
  period?: InputMaybe<PeriodRef>;
  to?: InputMaybe<Scalars['Date']['input']>;
};


/**
 * An organisation of the union's tree: a federation, an industry union, a grassroots union, a
 * section (đơn vị).
 */
export type UnitDescendantsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<UnitFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<UnitOrder>;
  period?: InputMaybe<PeriodRef>;
};


/**
 * An organisation of the union's tree: a federation, an industry union, a grassroots union, a
 * section (đơn vị).
 */
export type UnitInitiativesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<InitiativeFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<InitiativeOrder>;
};


/**
 * An organisation of the union's tree: a federation, an industry union, a grassroots union, a
 * section (đơn vị).
 */
export type UnitPeriodsArgs = {
  kinds?: InputMaybe<Array<PeriodKind>>;
  runningOn?: InputMaybe<Scalars['Date']['input']>;
};


/**
 * An organisation of the union's tree: a federation, an industry union, a grassroots union, a
 * section (đơn vị).
 */
export type UnitStandingArgs = {
  inCluster?: Scalars['Boolean']['input'];
  period?: InputMaybe<PeriodRef>;
  rankBy?: InputMaybe<RankBy>;
  since?: InputMaybe<Scalars['Date']['input']>;
  within?: InputMaybe<UnitRef>;
};


/**
 * An organisation of the union's tree: a federation, an industry union, a grassroots union, a
 * section (đơn vị).
 */
export type UnitTallyArgs = {
  period?: InputMaybe<PeriodRef>;
};


/**
 * An organisation of the union's tree: a federation, an industry union, a grassroots union, a
 * section (đơn vị).
 */
export type UnitTargetArgs = {
  metric?: InputMaybe<TargetMetric>;
  origin?: TargetOrigin;
  period?: InputMaybe<PeriodRef>;
};


/**
 * An organisation of the union's tree: a federation, an industry union, a grassroots union, a
 * section (đơn vị).
 */
export type UnitTargetsArgs = {
  period?: InputMaybe<PeriodRef>;
};

/**
 * A page of units (trang đơn vị). In an order by name or code each unit that was there is shown
 * once, whatever is added meanwhile. In an order by a count, a cursor leads into the order of the
 * first page for a while, else BAD_CURSOR; the units themselves are shown as they are now.
 */
export type UnitConnection = {
  __typename?: 'UnitConnection';
  /** The page's rows with their cursors (các dòng). */
  edges: Array<UnitEdge>;
  /** The page's units without cursors (các đơn vị). */
  nodes: Array<Unit>;
  /** The page's place in the list (thông tin trang). */
  pageInfo: PageInfo;
  /** Number of units in all pages together (tổng số). */
  totalCount: Scalars['Int']['output'];
};

/** A row of a page of units (dòng). */
export type UnitEdge = {
  __typename?: 'UnitEdge';
  /**
   * The row's position in its list, opaque; `after` and `before` of the same list take it (vị
   * trí).
   */
  cursor: Scalars['String']['output'];
  /** The unit of the row (đơn vị). */
  node: Unit;
};

/**
 * Conditions that a listed unit meets, all of them together; a condition left out lets all pass.
 * `notStarted` and `ratioBelow` are about the period beside the filter (bộ lọc đơn vị).
 */
export type UnitFilter = {
  /**
   * A version, 0 or more, after which the unit's own data, targets or tally in any period
   * changed. When another period becomes the default one, every unit counts as changed. A change
   * of the unit's rank or of the names above it does not count. Changes from before the server's
   * last start may name units above and below the changed one as well. A version ahead of the
   * log is answered with CURSOR_EXPIRED (thay đổi sau phiên bản).
   */
  changedAfter?: InputMaybe<Scalars['Long']['input']>;
  /**
   * A mark from `extensions.mark`, after which the unit changed, as `changedAfter` tells. A mark
   * of another log, as after a restored backup, is answered with CURSOR_EXPIRED and the present
   * mark in `extensions`: copy everything anew. BAD_CURSOR if the text is no mark (thay đổi kể
   * từ mốc).
   */
  changedSince?: InputMaybe<Scalars['String']['input']>;
  /** True finds closed units, false open ones (ngừng hoạt động). */
  closed?: InputMaybe<Scalars['Boolean']['input']>;
  /** The emulation cluster that the unit belongs to among its siblings (cụm, khối thi đua). */
  cluster?: InputMaybe<Scalars['String']['input']>;
  /**
   * True finds units of foreign-invested enterprises, false all others (doanh nghiệp có vốn đầu
   * tư nước ngoài).
   */
  foreignInvested?: InputMaybe<Scalars['Boolean']['input']>;
  /** The kinds of organisation that the unit may be; an empty list lets all pass (loại đơn vị). */
  kinds?: InputMaybe<Array<UnitKind>>;
  /**
   * True finds units without any submitted initiative in their subtree, false all others (chưa
   * có sáng kiến).
   */
  notStarted?: InputMaybe<Scalars['Boolean']['input']>;
  /**
   * A ratio, 0 or more, that the unit's ratio stays below; 1.0 is 100 %. Units without a target
   * are not found. BAD_ARGUMENT if it is negative (tỷ lệ đạt chỉ tiêu dưới mức).
   */
  ratioBelow?: InputMaybe<Scalars['Float']['input']>;
  /** The side of working life that the unit belongs to (khu vực). */
  sector?: InputMaybe<Sector>;
  /** Words that the unit is found by, as `searchUnits` finds them (tìm theo tên, không cần dấu). */
  text?: InputMaybe<Scalars['String']['input']>;
  /**
   * The unit that is listed with all units below it. REF_NOT_FOUND if it names nothing (trong
   * phạm vi đơn vị).
   */
  within?: InputMaybe<UnitRef>;
};

/** The goal of one unit (chỉ tiêu của một đơn vị). */
export type UnitGoalInput = {
  /**
   * The number or the share to reach; null or left out, the unit has no target any more (chỉ
   * tiêu).
   */
  goal?: InputMaybe<GoalInput>;
  /** The unit that is to reach the goal (đơn vị). */
  unit: UnitRef;
};

/** The kind of organisation that a unit is (loại đơn vị). */
export type UnitKind =
  /** Union of civil servants (công đoàn viên chức). */
  | 'CIVIL_SERVANTS_UNION'
  /** The confederation, above all (Tổng Liên đoàn). */
  | 'CONFEDERATION'
  /** Union of a corporation, under the confederation or below (công đoàn tổng công ty). */
  | 'CORPORATION_UNION'
  /**
   * Federation of labour of a district or a town (Liên đoàn Lao động quận, huyện, thị xã, thành
   * phố).
   */
  | 'DISTRICT_FEDERATION'
  /** Union of a workplace, a school or a commune (công đoàn cơ sở). */
  | 'GRASSROOTS_UNION'
  /**
   * Union of an industry at the centre, or equivalent (công đoàn ngành trung ương và tương
   * đương).
   */
  | 'INDUSTRY_UNION'
  /** Any other union right above grassroots unions (công đoàn cấp trên trực tiếp cơ sở khác). */
  | 'INTERMEDIATE_UNION'
  /** Union of an industry in a province (công đoàn ngành địa phương). */
  | 'LOCAL_INDUSTRY_UNION'
  /** Federation of labour of a province or a city (Liên đoàn Lao động tỉnh, thành phố). */
  | 'PROVINCIAL_FEDERATION'
  /** Section or group of a grassroots union (công đoàn bộ phận, tổ công đoàn). */
  | 'SECTION'
  /**
   * Union of industrial, export processing or economic zones (công đoàn các khu công nghiệp, khu
   * chế xuất, khu kinh tế).
   */
  | 'ZONE_UNION';

/** The order of a list of units; equals follow the order in which they were made (thứ tự đơn vị). */
export type UnitOrder = {
  /** The end of the order that comes first; the least by default (chiều sắp xếp). */
  direction?: OrderDirection;
  /** The property that the list is ordered by (tiêu chí sắp xếp). */
  field: UnitOrderField;
};

/** A property that orders units (tiêu chí sắp xếp). */
export type UnitOrderField =
  /** Number of accepted initiatives in the period (số sáng kiến hợp lệ). */
  | 'ACCEPTED'
  /** The unit's code, character by character (mã đơn vị). */
  | 'CODE'
  /**
   * Number of members as stated; units without one come last in both directions (số đoàn viên,
   * người lao động).
   */
  | 'MEMBER_COUNT'
  /** The unit's name, in the alphabetical order of Vietnamese (tên đơn vị). */
  | 'NAME'
  /** Number of submitted initiatives in the period (số sáng kiến đăng ký). */
  | 'SUBMITTED'
  /**
   * The period's count divided by the target; units without a target come last in both
   * directions (tỷ lệ đạt chỉ tiêu).
   */
  | 'TARGET_RATIO';

/** The outcome of a change of a unit (kết quả). */
export type UnitPayload = {
  __typename?: 'UnitPayload';
  /** The reasons for which the change was refused; empty if it was carried out (lỗi). */
  errors: Array<UserError>;
  /** The unit after the change; null if it was refused (đơn vị). */
  unit?: Maybe<Unit>;
};

/** A reference to a unit, by its global id or by the code that people use (tham chiếu đơn vị). */
export type UnitRef =
  /** The unit's code (mã đơn vị). */
  { code: Scalars['String']['input']; id?: never; }
  |  /** The unit's global id (mã toàn cục). */
  { code?: never; id: Scalars['ID']['input']; };

/**
 * A period to make or to change, by its code. A field left out stays as it is; null clears it, or
 * is refused with INVALID for a value that every period has (thêm hoặc sửa đợt thi đua).
 */
export type UpsertPeriodInput = {
  /**
   * The first day of being put to use that makes an initiative eligible for a programme; null
   * for no bound (áp dụng từ ngày).
   */
  appliedFrom?: InputMaybe<Scalars['Date']['input']>;
  /**
   * The last day of being put to use that makes an initiative eligible for a programme; null for
   * no bound (áp dụng đến ngày).
   */
  appliedUntil?: InputMaybe<Scalars['Date']['input']>;
  /**
   * The period's code, 1 to 100 characters; the period with this code is changed, else one is
   * made (mã đợt thi đua).
   */
  code: Scalars['String']['input'];
  /**
   * The last day, which belongs to the period whole. A period is at most 3,660 days long, and a
   * new one needs this day (ngày kết thúc).
   */
  endsOn?: InputMaybe<Scalars['Date']['input']>;
  /** The kind of the period; a new period needs it (loại đợt thi đua). */
  kind?: InputMaybe<PeriodKind>;
  /**
   * The count that the period's targets are about; for a new period the parent's by default,
   * else SUBMITTED (chỉ số).
   */
  metric?: InputMaybe<TargetMetric>;
  /** The period's name, 1 to 300 characters; a new period needs it (tên đợt thi đua). */
  name?: InputMaybe<Scalars['String']['input']>;
  /**
   * The unit that calls the period, which covers this unit and all below it; for a new period
   * the root by default. A unit calls at most 400 periods, all units together at most 20,000;
   * INVALID beyond (đơn vị phát động).
   */
  owner?: InputMaybe<UnitRef>;
  /** The period that this one is part of (đợt thi đua cấp trên). */
  parent?: InputMaybe<PeriodRef>;
  /** The first day; a new period needs it (ngày bắt đầu). */
  startsOn?: InputMaybe<Scalars['Date']['input']>;
};

/**
 * A unit to make or to change, by its code. A field left out stays as it is; null clears it, or is
 * refused with INVALID for a value that every unit has (thêm hoặc sửa đơn vị).
 */
export type UpsertUnitInput = {
  /**
   * The emulation cluster that the unit belongs to among its siblings, at most 300 characters
   * (cụm, khối thi đua).
   */
  cluster?: InputMaybe<Scalars['String']['input']>;
  /**
   * The unit's code, 1 to 100 characters; the unit with this code is changed, else one is made
   * (mã đơn vị).
   */
  code: Scalars['String']['input'];
  /**
   * True if the unit is of a foreign-invested enterprise; null stands for false (doanh nghiệp có
   * vốn đầu tư nước ngoài).
   */
  foreignInvested?: InputMaybe<Scalars['Boolean']['input']>;
  /** The unit's kind of organisation; a new unit needs it (loại đơn vị). */
  kind?: InputMaybe<UnitKind>;
  /** Number of the unit's members and workers, 0 or more (số đoàn viên, người lao động). */
  memberCount?: InputMaybe<Scalars['Int']['input']>;
  /** The unit's name, 1 to 300 characters; a new unit needs it (tên đơn vị). */
  name?: InputMaybe<Scalars['String']['input']>;
  /**
   * The unit above. A new unit needs it, except the first root; another parent moves the unit
   * with everything under it (cấp trên).
   */
  parent?: InputMaybe<UnitRef>;
  /** The side of working life that the unit belongs to (khu vực). */
  sector?: InputMaybe<Sector>;
};

/** A refusal that the caller can mend (lỗi nhập liệu). */
export type UserError = {
  __typename?: 'UserError';
  /** The refusal's code, for programs (mã lỗi). */
  code: ErrorCode;
  /** The refusal in words, in English or Vietnamese by `Accept-Language` (thông báo). */
  message: Scalars['String']['output'];
  /** The path into the input to the refused value: ["goals", "17", "goal"] (đường dẫn). */
  path: Array<Scalars['String']['output']>;
};

/** The caller, as its token shows (người dùng). */
export type Viewer = {
  __typename?: 'Viewer';
  /**
   * The roles that the caller holds, each with its unit; empty for an anonymous caller (các
   * quyền). It costs about 1 for each 3 grants, and what is selected of them.
   */
  grants: Array<Grant>;
  /** The purpose that the caller's token was made for; null without a token (tên). */
  name?: Maybe<Scalars['String']['output']>;
  /**
   * The token that the caller shows; empty without one, and for the operator's own, which the
   * database does not know (các mã truy cập). It costs about 300 for each look-up of the token.
   */
  tokens: Array<Token>;
};

/** An initiative to take back (rút sáng kiến). */
export type WithdrawInitiativeInput = {
  /** The version that the caller saw; a later change is refused with CONFLICT (phiên bản đã xem). */
  expectedVersion?: InputMaybe<Scalars['Long']['input']>;
  /** Global id of the initiative (mã toàn cục của sáng kiến). */
  id: Scalars['ID']['input'];
  /** The reason, kept in the log, at most 10,000 characters (lý do). */
  reason?: InputMaybe<Scalars['String']['input']>;
};
