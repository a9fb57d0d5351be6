// What a version of the client can do at all over a way. What it cannot is no case that is skipped: a case of its own
// holds that it cannot, so that this table hides nothing.
using Microsoft.AspNetCore.Http.Connections;

namespace Hubbub.Interop;

/// <summary>How a client of a suite reaches the server, and what they speak.</summary>
public sealed record Way(HttpTransportType Transport, Protocol Protocol, bool SkipNegotiation = false)
{
    public string Name => $"{Protocol} over {Transport}{(SkipNegotiation ? " without negotiation" : "")}";
}

public enum Protocol { JSON, MessagePack }

/// <summary>The first major version with a feature, and the ways that carry it.</summary>
public sealed record Capability(int Since, Func<Way, bool> CarriedBy)
{
    /// <summary>Answers to the server's questions.</summary>
    public static readonly Capability ClientResults = new(7, _ => true);

    /// <summary>Messages in bytes. Event streams are text, and the server says so when it negotiates.</summary>
    public static readonly Capability Binary = new(3, way => way.Transport != HttpTransportType.ServerSentEvents);

    /// <summary>A connection that goes on over another WebSocket. It is negotiated.</summary>
    public static readonly Capability StatefulReconnect = new(8, way => way.Transport == HttpTransportType.WebSockets && !way.SkipNegotiation);

    /// <summary>The trace that a call is part of, in the call's headers.</summary>
    public static readonly Capability Traces = new(9, _ => true);

    public bool Has(int majorVersion, Way way) => majorVersion >= Since && CarriedBy(way);
}
