using Unroll.Numerics;

namespace Unroll.Core;

/// <summary>
/// Lends the buffers and caches of a pass. What was rented is valid until <see cref="Reset"/>; after a few steps of similar size everything has
/// been allocated, and no further allocation takes place. Not safe for use by several threads at once.
/// </summary>
public sealed class Workspace
{
    private readonly List<PinnedBuffer> _buffers = [];
    private readonly List<object> _caches = [];
    private int _nextBuffer, _nextCache;

    /// <summary>At least <paramref name="length"/> floats that begin at a multiple of 64 bytes; their contents are whatever was there.</summary>
    public PinnedBuffer Rent(int length)
    {
        if (_nextBuffer == _buffers.Count) _buffers.Add(new PinnedBuffer(length));
        else if (_buffers[_nextBuffer].Length < length) _buffers[_nextBuffer] = new PinnedBuffer(length);
        return _buffers[_nextBuffer++];
    }

    /// <summary>A batch whose contents are whatever was there.</summary>
    /// <exception cref="ShapeException">An array cannot hold as many floats.</exception>
    public SequenceBatch Rent(SequenceLayout layout, int features) => new(layout, features, Rent(layout.Rows, features).Memory);

    /// <summary>At least rows × columns floats.</summary>
    /// <exception cref="ShapeException">An array cannot hold as many.</exception>
    internal PinnedBuffer Rent(int rows, int columns) => Rent(ArraySize.Of(rows, columns));

    /// <summary>An object that keeps what a backward pass needs; it may hold references from an earlier pass.</summary>
    public T Cache<T>() where T : class, new()
    {
        if (_nextCache == _caches.Count) _caches.Add(new T());
        else if (_caches[_nextCache] is not T) _caches[_nextCache] = new T();
        return (T)_caches[_nextCache++];
    }

    /// <summary>Takes back everything that was rented.</summary>
    public void Reset() => (_nextBuffer, _nextCache) = (0, 0);
}
