Imports System.Net.Security
Imports System.Security.Authentication

Module Upload
    Sub Connect(stream As SslStream, host As String)
        stream.AuthenticateAsClient(host, Nothing, SslProtocols.Tls Or
                                                   SslProtocols.Tls11 Or
                                                   SslProtocols.Tls12, False)
    End Sub
End Module
