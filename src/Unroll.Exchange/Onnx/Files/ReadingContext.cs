using Unroll.Core;

namespace Unroll.Exchange.Onnx.Files;

/// <summary>What all parts of reading a model share.</summary>
/// <param name="file">The file's name, for messages.</param>
/// <param name="folder">The folder that external data may come from; null where the model is not a file.</param>
/// <param name="note">Receives what the user should know, one line each.</param>
internal sealed class ReadingContext(string file, string? folder, Action<string>? note)
{
    private readonly HashSet<string> _noted = [];

    /// <summary>The file's name, for messages.</summary>
    public string File => file;

    /// <summary>The folder that external data may come from; null where the model is not a file.</summary>
    public string? Folder => folder;

    /// <summary>Tells the user something, once.</summary>
    public void Note(string line)
    {
        if (_noted.Add(line)) note?.Invoke($"'{file}': {line}");
    }

    /// <summary>The user's error for something in the file.</summary>
    /// <param name="what">What is wrong, what was expected, what to do; without a full stop.</param>
    /// <param name="inner">The failure underneath, if there was one.</param>
    public UserErrorException Refusal(string what, Exception? inner = null) => new($"'{file}': {what}.", inner);
}
