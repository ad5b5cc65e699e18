namespace Unroll.Exchange.PyTorch;

/// <summary>What <c>torch.save</c> wrote: an object, and the storages of its tensors.</summary>
internal interface ICheckpoint
{
    /// <summary>The object that was saved.</summary>
    object? Root { get; }

    /// <summary>Whether the bytes of an element come in the other order.</summary>
    bool Swapped { get; }

    /// <summary>All bytes that the file has under a storage's key.</summary>
    byte[] Bytes(PyStorage storage);
}
