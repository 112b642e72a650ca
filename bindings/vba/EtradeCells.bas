Attribute VB_Name = "EtradeCells"
' Quotes and positions in cells, by functions and by macros. docs/excel.md explains them.
'
' SPDX-License-Identifier: MIT OR Apache-2.0
Option Explicit

' What E*TRADE takes in one call.
Private Const MOST_SYMBOLS As Long = 25

' How long functions make no new call after a connection fault: each would wait as long for its own.
Private Const PAUSE_SECONDS As Long = 15

Private Const PRICE_PATH As String = "All/lastTrade"
Private Const CHANGE_PATH As String = "All/changeClose"

' EtradeQuotes looks for this in column A.
Private Const HEADING As String = "Symbol"
Private Const HEADING_ROWS As Long = 50

' The names, on a sheet, of the cells that a macro wrote.
Private Const QUOTES_WRITTEN As String = "EtradeQuotesWritten"
Private Const POSITIONS_WRITTEN As String = "EtradePositionsWritten"

Private Const POSITIONS_SHEET As String = "Positions"

Private m_reason As String
Private m_faultAt As Date ' When a function last met a connection fault; 0 after a macro met none.

' For a cell: =ETRADE_QUOTE("AAPL") is the last price, or #N/A where there is none. "" has the result "".
Public Function ETRADE_QUOTE(ByVal symbolText As Variant) As Variant
    Dim prices As Variant

    prices = ETRADE_QUOTES(symbolText)
    ETRADE_QUOTE = prices(1, 1)
End Function

' For a range: =ETRADE_QUOTES(A2:A26) has the last price of each symbol in the same place, #N/A where there is none,
' and "" beside an empty cell. One call fetches 25 symbols, and Excel waits for it. Cells keep the prices from when they
' were entered: Ctrl+Alt+F9 asks again.
Public Function ETRADE_QUOTES(ByVal symbolCells As Variant) As Variant
    Dim grid As Variant, quotes As Object, refusals As String, errorNumber As Long

    grid = GridOf(symbolCells)
    On Error GoTo Failed
    Set quotes = NewTable() ' Without any, each price is #N/A.
    If Not IsPaused() Then
        m_reason = ""
        Set quotes = QuotesOf(grid, refusals)
        m_reason = MissingFrom(grid, quotes, refusals)
    End If
Finish:
    ETRADE_QUOTES = PricesFor(grid, quotes)
    Exit Function
Failed:
    errorNumber = Err.Number
    m_reason = EtradeExplanation(errorNumber, Err.Description)
    If IsConnectionFault(EtoauthStatus(errorNumber)) Then m_faultAt = Now
    Resume Finish
End Function

' For a cell beside prices: =ETRADE_REASON(B2:B26) says why some of them are #N/A, or "". So no text has to be among
' the prices.
Public Function ETRADE_REASON(ByVal priceCells As Variant) As String
    If HasError(GridOf(priceCells)) Then ETRADE_REASON = m_reason
End Function

' Gets the quotes of the symbols below the heading "Symbol" in column A of the active sheet into columns B to D: the
' last price, its change since the last close, and when it was fetched. What it wrote the last time is cleared when the
' new quotes have come, and nothing else ever is. Without a login it asks for one.
Public Sub EtradeQuotes()
    Dim firstCell As Object, lastCell As Object, grid As Variant, quotes As Object
    Dim refusals As String, missing As String

    On Error GoTo Failed
    Set firstCell = FirstSymbol(ActiveSheet)
    With firstCell.Worksheet
        Set lastCell = .Cells(.Rows.Count, 1).End(xlUp)
        If lastCell.Row < firstCell.Row Then EtradeRaise "There are no symbols below """ & HEADING & """ in column A."
        grid = GridOf(.Range(firstCell, lastCell))
        If Not IsLoggedIn() Then Exit Sub
        Set quotes = QuotesOf(grid, refusals)
        m_faultAt = 0
        WriteCells firstCell.Offset(0, 1), QuoteRows(grid, quotes), QUOTES_WRITTEN
    End With
    EtradeShowLogin
    missing = MissingFrom(grid, quotes, refusals)
    If missing <> "" Then MsgBox missing, vbExclamation, BOX_TITLE
    Exit Sub
Failed:
    EtradeTell Err.Number, Err.Description
End Sub

' Lists the positions of all accounts on the sheet "Positions" of the active workbook, which it adds if need be. What it
' wrote the last time is cleared when all positions have come, and nothing else ever is. Without a login it asks for
' one.
Public Sub EtradePositions()
    Dim allRows As Collection

    On Error GoTo Failed
    If Not IsLoggedIn() Then Exit Sub
    Set allRows = PositionRows()
    m_faultAt = 0
    PositionsSheet().Activate
    WriteCells PositionsSheet().Range("A1"), GridOfRows(allRows), POSITIONS_WRITTEN
    EtradeShowLogin
    If allRows.Count = 1 Then MsgBox "There are no positions.", , BOX_TITLE
    Exit Sub
Failed:
    EtradeTell Err.Number, Err.Description
End Sub

' Whether there is a login, or now is.
Private Function IsLoggedIn() As Boolean
    Dim hasLogin As Boolean

    hasLogin = EtradeSecondsLeft() > 0
    If Not hasLogin Then EtradeAskForLogin hasLogin
    IsLoggedIn = hasLogin
End Function

Private Function FirstSymbol(ByVal targetSheet As Object) As Object
    Dim rowNumber As Long

    If targetSheet Is Nothing Then EtradeRaise "Open a workbook first."
    For rowNumber = 1 To HEADING_ROWS
        If LCase$(targetSheet.Cells(rowNumber, 1).Text) = LCase$(HEADING) Then
            Set FirstSymbol = targetSheet.Cells(rowNumber + 1, 1)
            Exit Function
        End If
    Next
    EtradeRaise "Column A of this sheet has no heading """ & HEADING & """. Write it above your symbols."
End Function

' The quotes by symbol, as nodes of E*TRADE's responses, fetched in calls of 25 symbols.
Private Function QuotesOf(ByVal grid As Variant, ByRef refusals As String) As Object
    Dim quotes As Object, wantedSymbols As Object, oneSymbol As Variant, callSymbols As String, symbolCount As Long

    Set quotes = NewTable()
    Set wantedSymbols = SymbolsIn(grid)
    For Each oneSymbol In wantedSymbols.Keys
        callSymbols = callSymbols & "," & EtoauthPercentEncode(oneSymbol)
        symbolCount = symbolCount + 1
        If symbolCount Mod MOST_SYMBOLS = 0 Or symbolCount = wantedSymbols.Count Then
            AddQuotes quotes, Mid$(callSymbols, 2), refusals
            callSymbols = ""
        End If
    Next
    Set QuotesOf = quotes
End Function

Private Sub AddQuotes(ByVal quotes As Object, ByVal callSymbols As String, ByRef refusals As String)
    Dim response As Object, oneNode As Object, refusal As String

    Set response = EtradeXml("/v1/market/quote/" & callSymbols, refusal)
    If refusal <> "" Then refusals = refusals & " " & refusal
    If response Is Nothing Then Exit Sub
    For Each oneNode In response.selectNodes("/QuoteResponse/QuoteData")
        If TextOf(oneNode, "Product/symbol") <> "" Then Set quotes(TextOf(oneNode, "Product/symbol")) = oneNode
    Next
    For Each oneNode In response.selectNodes("/QuoteResponse/Messages/Message")
        refusals = refusals & " " & TextOf(oneNode, "description")
    Next
End Sub

' Each symbol once.
Private Function SymbolsIn(ByVal grid As Variant) As Object
    Dim symbols As Object, i As Long, j As Long

    Set symbols = NewTable()
    For i = LBound(grid, 1) To UBound(grid, 1)
        For j = LBound(grid, 2) To UBound(grid, 2)
            If SymbolOf(grid(i, j)) <> "" Then symbols(SymbolOf(grid(i, j))) = True
        Next
    Next
    Set SymbolsIn = symbols
End Function

' A dictionary whose keys are the same in upper and lower case.
Private Function NewTable() As Object
    Dim emptyTable As Object

    Set emptyTable = CreateObject("Scripting.Dictionary")
    emptyTable.CompareMode = vbTextCompare
    Set NewTable = emptyTable
End Function

' "" for an empty cell, and for one with an error.
Private Function SymbolOf(ByVal cellContent As Variant) As String
    If Not IsError(cellContent) Then SymbolOf = EtradePasted(CStr(cellContent))
End Function

' Which symbols have no price and what E*TRADE said, or "".
Private Function MissingFrom(ByVal grid As Variant, ByVal quotes As Object, ByVal refusals As String) As String
    Dim wantedSymbols As Object, oneSymbol As Variant, missing As String, others As String

    Set wantedSymbols = SymbolsIn(grid)
    For Each oneSymbol In wantedSymbols.Keys
        If IsError(NumberOf(quotes, oneSymbol, PRICE_PATH)) Then missing = missing & ", " & oneSymbol
    Next
    For Each oneSymbol In quotes.Keys
        If Not wantedSymbols.Exists(oneSymbol) Then others = others & ", " & oneSymbol
    Next
    If missing <> "" Then MissingFrom = "No price for " & Mid$(missing, 3) & "." & refusals
    ' The sandbox answers with stored samples.
    If others <> "" Then MissingFrom = MissingFrom & " E*TRADE answered for " & Mid$(others, 3) & "."
    MissingFrom = Trim$(MissingFrom)
End Function

Private Function PricesFor(ByVal grid As Variant, ByVal quotes As Object) As Variant
    Dim i As Long, j As Long

    For i = LBound(grid, 1) To UBound(grid, 1)
        For j = LBound(grid, 2) To UBound(grid, 2)
            grid(i, j) = CellFor(grid(i, j), quotes, PRICE_PATH)
        Next
    Next
    PricesFor = grid
End Function

Private Function QuoteRows(ByVal grid As Variant, ByVal quotes As Object) As Variant
    Dim quoteGrid() As Variant, i As Long

    ReDim quoteGrid(1 To UBound(grid, 1), 1 To 3)
    For i = 1 To UBound(grid, 1)
        quoteGrid(i, 1) = CellFor(grid(i, 1), quotes, PRICE_PATH)
        quoteGrid(i, 2) = CellFor(grid(i, 1), quotes, CHANGE_PATH)
        quoteGrid(i, 3) = IIf(SymbolOf(grid(i, 1)) = "", Empty, Now)
    Next
    QuoteRows = quoteGrid
End Function

' A number for a symbol, #N/A where there is none, and "" beside an empty cell, which is no missing price.
Private Function CellFor(ByVal cellContent As Variant, ByVal quotes As Object, ByVal nodePath As String) As Variant
    If IsError(cellContent) Then
        CellFor = CVErr(xlErrNA)
    ElseIf SymbolOf(cellContent) = "" Then
        CellFor = ""
    Else
        CellFor = NumberOf(quotes, SymbolOf(cellContent), nodePath)
    End If
End Function

Private Function NumberOf(ByVal quotes As Object, ByVal oneSymbol As String, ByVal nodePath As String) As Variant
    NumberOf = CVErr(xlErrNA)
    If quotes.Exists(oneSymbol) Then NumberOf = NumberAt(quotes(oneSymbol), nodePath)
End Function

' The number at a node's path, or #N/A. Val reads a decimal point whatever the regional settings are; CDbl does not.
Private Function NumberAt(ByVal oneNode As Object, ByVal nodePath As String) As Variant
    Dim digits As String

    digits = TextOf(oneNode, nodePath)
    If digits Like "*#*" And Not digits Like "*[!-+.0-9Ee]*" Then
        NumberAt = Val(digits)
    Else
        NumberAt = CVErr(xlErrNA)
    End If
End Function

' A node's text, or "" where there is no such node: a fund's quote has no All.
Private Function TextOf(ByVal oneNode As Object, ByVal nodePath As String) As String
    Dim foundNode As Object

    Set foundNode = oneNode.selectSingleNode(nodePath)
    If Not foundNode Is Nothing Then TextOf = Trim$(foundNode.Text)
End Function

' The heading and a row for each onePosition, all of one length.
Private Function PositionRows() As Collection
    Dim allRows As Collection, response As Object, account As Object

    Set allRows = New Collection
    allRows.Add Array("Account", HEADING, "Quantity", "Price paid", "Last", "Value", "Gain", "Fetched")
    Set PositionRows = allRows
    Set response = Whole("/v1/accounts/list")
    If response Is Nothing Then Exit Function
    For Each account In response.selectNodes("/AccountListResponse/Accounts/Account")
        If TextOf(account, "accountStatus") <> "CLOSED" Then AddAccount allRows, TextOf(account, "accountId"), _
            "/v1/accounts/" & EtoauthPercentEncode(TextOf(account, "accountIdKey")) & "/portfolio"
    Next
End Function

' The positions of one account, which may come in several pages.
Private Sub AddAccount(ByVal allRows As Collection, ByVal accountId As String, ByVal resource As String)
    Dim response As Object, onePosition As Object, pageNumber As Long, pageCount As Long

    Do
        pageNumber = pageNumber + 1
        Set response = Whole(resource & IIf(pageNumber = 1, "", "?pageNumber=" & pageNumber))
        If response Is Nothing Then Exit Sub ' Status 204: there are none.
        pageCount = Val(TextOf(response, "/PortfolioResponse/AccountPortfolio/totalPages"))
        For Each onePosition In response.selectNodes("/PortfolioResponse/AccountPortfolio/Position")
            ' The apostrophe keeps Excel from taking a text for a number.
            allRows.Add Array("'" & accountId, "'" & TextOf(onePosition, "Product/symbol"), _
                NumberAt(onePosition, "quantity"), NumberAt(onePosition, "pricePaid"), _
                NumberAt(onePosition, "Quick/lastTrade"), NumberAt(onePosition, "marketValue"), _
                NumberAt(onePosition, "totalGain"), Now)
        Next
    Loop While pageNumber < pageCount
End Sub

' A response that must not be missing: a list with a part left out would have wrong sums.
Private Function Whole(ByVal resource As String) As Object
    Dim refusal As String

    Set Whole = EtradeXml(resource, refusal)
    If refusal <> "" Then EtradeRaise refusal
End Function

Private Function PositionsSheet() As Object
    Dim book As Object, oneSheet As Object

    Set book = ActiveWorkbook
    If book Is Nothing Then EtradeRaise "Open a workbook first."
    For Each oneSheet In book.Worksheets
        If LCase$(oneSheet.Name) = LCase$(POSITIONS_SHEET) Then
            Set PositionsSheet = oneSheet
            Exit Function
        End If
    Next
    Set oneSheet = book.Worksheets.Add(After:=book.Sheets(book.Sheets.Count))
    oneSheet.Name = POSITIONS_SHEET
    Set PositionsSheet = oneSheet
End Function

' Writes a grid of values, in place of what was written under this name the last time. Cells with anything else in them
' are not overwritten: it raises then, and leaves all as it was.
Private Sub WriteCells(ByVal firstCell As Object, ByVal grid As Variant, ByVal writtenName As String)
    Dim formerCells As Object, formerContents As Variant, newCells As Object

    Set newCells = firstCell.Resize(UBound(grid, 1), UBound(grid, 2))
    Set formerCells = CellsNamed(firstCell.Worksheet, writtenName)
    If Not formerCells Is Nothing Then
        formerContents = formerCells.Formula
        formerCells.ClearContents
    End If
    If Application.WorksheetFunction.CountA(newCells) > 0 Then
        If Not formerCells Is Nothing Then formerCells.Formula = formerContents
        EtradeRaise "Some of the cells " & newCells.Address(False, False) & " of sheet " & firstCell.Worksheet.Name & _
            " have contents that this macro did not write. Empty them, or use another sheet."
    End If
    newCells.Value = grid
    firstCell.Worksheet.Names.Add writtenName, newCells, False
End Sub

' Nothing, if there is no such name on the sheet, or its cells were deleted.
Private Function CellsNamed(ByVal targetSheet As Object, ByVal writtenName As String) As Object
    On Error Resume Next
    Set CellsNamed = targetSheet.Names(writtenName).RefersToRange
End Function

' A range's or an array's contents in two dimensions, from 1. A single cell or text has one row and one column.
Private Function GridOf(ByVal given As Variant) As Variant
    Dim contents As Variant, grid() As Variant, i As Long

    If IsObject(given) Then contents = given.Value Else contents = given
    If Not IsArray(contents) Then
        ReDim grid(1 To 1, 1 To 1)
        grid(1, 1) = contents
        GridOf = grid
    ElseIf IsRow(contents) Then
        ReDim grid(1 To 1, 1 To UBound(contents) - LBound(contents) + 1)
        For i = 1 To UBound(grid, 2)
            grid(1, i) = contents(LBound(contents) + i - 1)
        Next
        GridOf = grid
    Else
        GridOf = contents
    End If
End Function

' Whether an array has one dimension.
Private Function IsRow(ByVal contents As Variant) As Boolean
    IsRow = True
    On Error Resume Next ' Of a second dimension that is not there, UBound raises.
    IsRow = UBound(contents, 2) < LBound(contents, 2)
End Function

Private Function GridOfRows(ByVal allRows As Collection) As Variant
    Dim grid() As Variant, i As Long, j As Long

    ReDim grid(1 To allRows.Count, 1 To UBound(allRows(1)) + 1)
    For i = 1 To allRows.Count
        For j = 1 To UBound(grid, 2)
            grid(i, j) = allRows(i)(j - 1)
        Next
    Next
    GridOfRows = grid
End Function

Private Function HasError(ByVal grid As Variant) As Boolean
    Dim oneContent As Variant

    For Each oneContent In grid
        If IsError(oneContent) Then HasError = True
    Next
End Function

Private Function IsPaused() As Boolean
    If m_faultAt <> 0 Then IsPaused = Abs(DateDiff("s", m_faultAt, Now)) < PAUSE_SECONDS
End Function

Private Function IsConnectionFault(ByVal statusNumber As Long) As Boolean
    Select Case statusNumber
    Case ETOAUTH_E_CONNECT, ETOAUTH_E_TLS, ETOAUTH_E_TIMEOUT, ETOAUTH_E_UNCERTAIN
        IsConnectionFault = True
    End Select
End Function
