using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Serving.Models;

namespace Unroll.Serving.Http;

/// <summary>Who asks: the owner of an API key; without keys, the machine itself.</summary>
internal sealed class KeyRing
{
    private const string Bearer = "Bearer ";
    private const int ShortestKey = 16;
    private readonly (string Owner, byte[] Hash)[] _keys;

    /// <summary>Takes the keys; only their hashes are kept.</summary>
    /// <exception cref="UserErrorException">One is short, or belongs to two owners.</exception>
    public KeyRing(IDictionary<string, string> keys)
    {
        foreach ((string owner, string key) in keys)
        {
            ModelList.RequireName(owner, "an owner's name");
            if (key.Length < ShortestKey)
                throw new UserErrorException($"the key of '{owner}': expected at least {ShortestKey} characters, got {key.Length}.");
        }
        if (keys.Values.Distinct(StringComparer.Ordinal).Count() < keys.Count)
            throw new UserErrorException("two owners have the same key; give each their own.");
        _keys = [.. keys.Select(one => (one.Key, HashOf(one.Value)))];
    }

    /// <summary>The owner of a request's key.</summary>
    /// <exception cref="ServingException">It has none, or one of nobody; or there are no keys, and it comes from elsewhere.</exception>
    public string OwnerOf(HttpContext context)
    {
        if (_keys.Length == 0)
        {
            RequireLocal(context);
            return "";
        }
        string header = context.Request.Headers.Authorization.ToString();
        return OwnerOf(header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? header[Bearer.Length..].Trim() : "");
    }

    /// <summary>Whether a request has to say its key later, because its sender cannot set headers: a browser that opens a WebSocket.</summary>
    public bool IsStillToCome(HttpContext context) => _keys.Length > 0 && context.Request.Headers.Authorization.Count == 0;

    /// <summary>The owner of a key.</summary>
    /// <exception cref="ServingException">It is nobody's.</exception>
    public string OwnerOf(string key)
    {
        byte[] hash = HashOf(key);
        string? owner = null;
        foreach ((string name, byte[] own) in _keys)         // all of them, so that time tells nothing
            if (CryptographicOperations.FixedTimeEquals(own, hash)) owner = name;
        return owner ?? throw new ServingException(Refusal.NoKey, "expected a key of this server: send the header 'Authorization: Bearer KEY'.");
    }

    // A page of another site that a browser shows on this machine is not the machine itself.
    private static void RequireLocal(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is { } address && !IPAddress.IsLoopback(address))
            throw new ServingException(Refusal.NoKey, "this server has no keys, and so answers its own machine alone; start it with keys.");
        string host = context.Request.Host.Host;
        bool local = host is "localhost" || IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? named) && IPAddress.IsLoopback(named);
        string origin = context.Request.Headers.Origin.ToString();
        if (!local || origin.Length > 0 && (!Uri.TryCreate(origin, UriKind.Absolute, out Uri? from) || from.Authority != context.Request.Host.Value))
            throw new ServingException(Refusal.NoKey, "this server has no keys, and so answers requests to localhost that no other site has made.");
    }

    private static byte[] HashOf(string key) => Sha256.HashData(Encoding.UTF8.GetBytes(key));
}
