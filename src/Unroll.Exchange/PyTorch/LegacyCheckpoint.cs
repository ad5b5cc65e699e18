using System.Buffers.Binary;
using Unroll.Core;

namespace Unroll.Exchange.PyTorch;

//  pickle: 0x1950a86a20f9469cfc6c     pickle: 1001     pickle: {'little_endian': True, …}     pickle: the object     pickle: the keys of the storages
//  then for each key: elements, 8 bytes, and the elements, little-endian on every machine

/// <summary>The form of torch before 1.6, which <c>_use_new_zipfile_serialization=False</c> still writes: five pickles, then the storages.</summary>
/// <remarks>Source: https://github.com/pytorch/pytorch/blob/main/torch/serialization.py, <c>_legacy_save</c>.</remarks>
internal sealed class LegacyCheckpoint : ICheckpoint
{
    private const long Version = 1001;
    private readonly Stream _file;
    private readonly string _name;
    private readonly Dictionary<string, PyStorage> _storages = [];
    private readonly Dictionary<string, (long Start, long Bytes)> _places = [];

    private LegacyCheckpoint(Stream file, string name) => (_file, _name) = (file, name);

    public object? Root { get; private set; }

    public bool Swapped => false;

    /// <summary>The pickle of the number that such files begin with: protocol 2, an integer of 10 bytes.</summary>
    internal static ReadOnlySpan<byte> Magic => [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.'];

    internal static LegacyCheckpoint Read(Stream file, string name)
    {
        LegacyCheckpoint made = new(file, name);
        PickleInput input = new(file, name);
        input.Seek(Magic.Length);
        if (made.Next(input) is not Version) throw input.Bad($"another version than {Version}");
        if (made.Next(input) is not PyDict) throw input.Bad("no facts about the system where they should be");
        made.Root = made.Next(input);
        if (made.Next(input) is not PyList keys) throw input.Bad("no list of storages where it should be");
        made.Place(keys, input);
        return made;
    }

    public byte[] Bytes(PyStorage storage)
    {
        if (!_places.TryGetValue(storage.Key, out (long Start, long Bytes) place))
            throw new UserErrorException($"'{_name}' is damaged: its storage '{storage.Key}' is not there; fetch it or save it again.");
        byte[] bytes = GC.AllocateUninitializedArray<byte>(checked((int)place.Bytes));
        _file.Position = place.Start;
        _file.ReadExactly(bytes);
        return bytes;
    }

    private object? Next(PickleInput input) => new PickleReader(input, id => Kept(StorageName.Of(id, input), input)).Read();

    private object? Kept(object? outside, PickleInput input)
    {
        if (outside is not PyStorage storage) return outside;
        if (_storages.TryGetValue(storage.Key, out PyStorage? known) && known.Type != storage.Type)
            throw input.Bad($"two types for the storage '{storage.Key}'");
        if (known is null || known.Offset + known.Count < storage.Offset + storage.Count) _storages[storage.Key] = storage;
        return storage;
    }

    private void Place(PyList keys, PickleInput input)
    {
        Span<byte> count = stackalloc byte[8];
        long at = input.Position;
        foreach (object? key in keys.Items)
        {
            string text = key switch { string own => own, long number => $"{number}", _ => throw input.Bad("a storage without a name") };
            if (!_storages.TryGetValue(text, out PyStorage? storage)) throw input.Bad($"a storage '{text}' that nothing is a view of");
            _file.Position = at;
            if (_file.ReadAtLeast(count, 8, throwOnEndOfStream: false) < 8) throw Bad($"it is cut short before its storage '{text}'");
            long elements = BinaryPrimitives.ReadInt64LittleEndian(count), size = storage.Type?.Bytes ?? 1, left = _file.Length - at - 8;
            if (elements < 0 || elements > left / size) throw Bad($"its storage '{text}' would have {elements} elements, and {left} bytes are left");
            if (elements < storage.Offset + storage.Count)
                throw Bad($"its storage '{text}' has {elements} elements, and its tensors are views of {storage.Offset + storage.Count}");
            if (!_places.TryAdd(text, (at + 8, elements * size))) throw Bad($"its storage '{text}' is there twice");
            at += 8 + elements * size;
        }
        if (at != _file.Length) throw Bad($"{_file.Length - at} bytes follow its last storage");
    }

    private UserErrorException Bad(string what) => new($"'{_name}' is damaged: {what}; fetch it or save it again.");
}
