namespace Tieline.Protocol.Findings;

/// <summary>Where on the path of a connection a cause sits; the first digit of its code.</summary>
public enum FindingLayer
{
    /// <summary>TL1..: the name does not lead to the right machine.</summary>
    Name = 1,

    /// <summary>TL2..: packets do not get through, or something that is no web server answers.</summary>
    Tcp = 2,

    /// <summary>TL3..: certificate, protocol version or ALPN.</summary>
    Tls = 3,

    /// <summary>TL4..: a proxy on the way.</summary>
    Proxy = 4,

    /// <summary>TL5..: the application, or the way from the proxy to it.</summary>
    Application = 5,

    /// <summary>TL6..: the token, or how the client calls.</summary>
    Token = 6,

    /// <summary>TL7..: the line opens and then does not live.</summary>
    Line = 7,

    /// <summary>TL8..: the server's own storage.</summary>
    Storage = 8,

    /// <summary>TL9..: the configuration file and the running process differ.</summary>
    Configuration = 9,
}
