using Unroll.Core;
using Unroll.Exchange.Importing;
using Unroll.Files;
using Unroll.Formats;

namespace Unroll.Exchange.PyTorch;

/// <summary>
/// Files that <c>torch.save</c> wrote (<c>.pt</c>, <c>.pth</c>, <c>.ckpt</c>): a state_dict, whole modules, and what trainers save around them, read
/// without Python and without running anything that they hold.
/// </summary>
/// <remarks>
/// The pickle inside can make nothing here but tensors, containers, numbers and texts; every other class or function stays a name. Files of torch
/// 1.6 and later and of the form before that are read; the oldest, tar archives, and TorchScript programs are refused by name.
/// </remarks>
public static class PyTorchCheckpoint
{
    // Under which of these keys trainers have the weights, the first that is there and holds tensors.
    private static readonly string[] s_parts =
        ["state_dict", "model_state_dict", "model_state", "model", "net", "network", "module", "weights", "params", "generator"];

    /// <summary>Reads the weights of a file.</summary>
    /// <param name="path">What <c>torch.save</c> wrote.</param>
    /// <param name="prefix">What the names of the wanted tensors begin with, in the whole file; null: the model's part of it is found.</param>
    /// <exception cref="UserErrorException">It is no such file, damaged, or holds no weights; one line that says why.</exception>
    public static WeightsFile Read(string path, string? prefix = null)
    {
        FileErrors.RequireName(path);
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
            return Read(file, path, prefix);
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            throw FileErrors.Reading(path, e);
        }
    }

    /// <summary>Reads the weights of a file from a stream.</summary>
    /// <param name="file">A stream that can be read anywhere in it.</param>
    /// <param name="name">The name of the file in errors.</param>
    /// <param name="prefix">As in <see cref="Read(string, string?)"/>.</param>
    /// <exception cref="UserErrorException">As in <see cref="Read(string, string?)"/>.</exception>
    public static WeightsFile Read(Stream file, string name, string? prefix = null)
    {
        ICheckpoint checkpoint = Open(file, name);
        ModuleWalk walk = new(name);
        walk.Visit(checkpoint.Root, "");
        string part = prefix is null || !walk.Tensors.Any(one => one.Name.StartsWith(prefix, StringComparison.Ordinal)) ? PartOf(checkpoint.Root,
            walk) : "";
        List<(string Name, PyTensor View)> views = [];
        List<string> others = [];
        foreach ((string own, PyTensor view) in walk.Tensors)
            if (own.StartsWith(part, StringComparison.Ordinal)) views.Add((own[part.Length..], view));
            else others.Add(own);
        foreach ((string own, string kind) in walk.Unread)
            if (own.StartsWith(part, StringComparison.Ordinal))
                throw new UserErrorException($"'{name}': '{own[part.Length..]}' is {kind}, which is not read; save an ordinary tensor of floats in " +
                    $"its place.");
            else others.Add(own);
        if (views.Count == 0)
            throw new UserErrorException($"'{name}' holds no tensors{(walk.OfOptimizers > 0 ? " but those of an optimizer" : "")}; expected the " +
                $"state_dict " +
                "of a module, or the module.");
        RequireOnce(views, name);
        return new WeightsFile(name, "pytorch", new CheckpointTensors(checkpoint, name, file.Length).Read(views))
        {
            Part = part.TrimEnd('.'), Others = others, OfOptimizers = walk.OfOptimizers,
            Modules = walk.Modules.Where(one => (one.Key + ".").StartsWith(part, StringComparison.Ordinal))
                .ToDictionary(one => one.Key.Length < part.Length ? "" : one.Key[part.Length..], one => one.Value),
        };
    }

    private static ICheckpoint Open(Stream file, string name)
    {
        byte[] start = new byte[512];
        file.Position = 0;
        int length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        ReadOnlySpan<byte> first = start.AsSpan(0, length);
        if (first.StartsWith("PK"u8)) return ZipCheckpoint.Read(file, name);
        if (first.StartsWith(LegacyCheckpoint.Magic)) return LegacyCheckpoint.Read(file, name);
        if (length > 262 && first[257..].StartsWith("ustar"u8))
            throw new UserErrorException($"'{name}' is a tar archive, the form of PyTorch before 0.1.10, which is not read; open it there and save " +
                $"it " +
                "again.");
        throw new UserErrorException(length > 0 && first[0] == 0x80
            ? $"'{name}' is a pickle, but none of torch.save; save the state_dict by torch.save."
            : $"'{name}' is no file of torch.save: it begins neither as a zip archive nor as a pickle.");
    }

    // The known keys, where they hold more than one tensor; else everything, as of a state_dict, whose own names have dots rather than dictionaries.
    private static string PartOf(object? root, ModuleWalk walk) =>
        root is PyDict top && s_parts.FirstOrDefault(key => top.Has(key) && top[key] is not (PyTensor or PyUnread)
            && walk.Tensors.Any(one => one.Name.StartsWith($"{key}.", StringComparison.Ordinal))) is { } part ? $"{part}." : "";

    private static void RequireOnce(List<(string Name, PyTensor View)> views, string name)
    {
        HashSet<string> names = [];
        foreach ((string own, _) in views)
            if (!names.Add(own))
                throw new UserErrorException($"'{name}': two tensors would have the name '{own}'; save the state_dict alone.");
    }
}
