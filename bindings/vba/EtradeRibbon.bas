Attribute VB_Name = "EtradeRibbon"
' What the tab of Etoauth.xlam calls. Other workbooks do not need it.
'
' SPDX-License-Identifier: MIT OR Apache-2.0
Option Explicit

' pressedButton: an IRibbonControl, whose tag in packaging/excel/ribbon.xml is the macro's name.
Public Sub EtradeRibbonPress(ByVal pressedButton As Object)
    Select Case pressedButton.Tag
    Case "EtradeLogIn"
        EtradeLogIn
    Case "EtradeLogInByCallback"
        EtradeLogInByCallback
    Case "EtradeQuotes"
        EtradeQuotes
    Case "EtradePositions"
        EtradePositions
    Case "EtradeState"
        EtradeState
    Case "EtradeLogOut"
        EtradeLogOut
    Case "EtradeKeepKey"
        EtradeKeepKey
    Case "EtradeSwitch"
        EtradeSwitch
    End Select
End Sub
