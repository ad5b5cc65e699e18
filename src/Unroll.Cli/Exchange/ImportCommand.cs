using System.CommandLine;
using System.Globalization;
using Unroll.Cli.Tasks;
using Unroll.Core;
using Unroll.Exchange.Importing;
using Unroll.Files;
using Unroll.Tasks.Networks;

namespace Unroll.Cli.Exchange;

/// <summary><c>unroll import WEIGHTS</c>: makes a model file of the task network of another program's weights.</summary>
internal static class ImportCommand
{
    private const int Named = 8;

    internal static Command Make(Terminal terminal)
    {
        CommonOptions common = new(terminal);
        Argument<string> weights = new("WEIGHTS")
        {
            Description = "a file of weights: .pth, .pt or .ckpt of PyTorch, .safetensors, .onnx, .keras or .h5 of Keras",
        };
        Option<string> format = Opt.String("--format", "NAME",
            $"what the file is: {string.Join(", ", ImportFormats.All.Select(one => one.Name))} (default: by its ending)");
        Option<string> prefix = Opt.String("--prefix", "TEXT", "only tensors whose names begin so, such as encoder. (default: all)");
        Option<string> embedding = Opt.String("--embedding", "NAME", "the module that is the embedding, or none (default: found by the shapes)");
        Option<string[]> recurrent = Opt.Strings("--recurrent", "NAME,…", "the recurrent modules, from input to output (default: found by the " +
            "shapes)");
        Option<string[]> head = Opt.Strings("--head", "NAME,…", "the modules above them, or none (default: found by the shapes)");
        Option<string> cell = Opt.String("--cell", "CELL", "the cell, where the number of gates does not decide");
        Option<string> activation = Opt.String("--activation", "WORD", "of an nn.RNN: tanh or relu (default: what the file says, else tanh)");
        Option<string> between = Opt.String("--between", "WORD", "what follows a linear module that another one follows: relu or none");
        Option<string> pooling = Opt.String("--pooling", "WORD",
            "above the recurrent modules: none|last|states|mean|max (default none: a row for each step)");
        Option<string> gruReset = GruReset.Option();
        Option<string> vocabulary = Opt.String("--vocabulary", "FILE", "the symbols of the embedding's rows: one on each line, or JSON");
        Option<string> modelConfig = Opt.String("--model-config", "FILE",
            "of Keras's weights alone: the model's configuration, as model.to_json() gives it");
        Option<string> output = Opt.String("--output", "FILE", "the model file to write (default: NAME.unroll.safetensors in this folder)");
        Command command = new("import", "Make a network of another program's weights.")
        {
            weights, format, prefix, embedding, recurrent, head, cell, activation, between, pooling, gruReset, vocabulary, modelConfig, output,
        };
        common.AddTo(command).SetAction(parsed =>
        {
            string path = parsed.GetValue(weights)!, to = parsed.GetValue(output) ?? $"{Path.GetFileNameWithoutExtension(path)}.unroll.safetensors";
            if (Path.GetFullPath(path) == Path.GetFullPath(to))
                throw new UserErrorException($"--output: '{to}' is the file of weights itself, which would be lost; choose another file.");
            AtomicFile.RequireWritable(to);
            ImportFormat own = ImportFormats.Of(parsed.GetValue(format), path);
            if (parsed.GetValue(modelConfig) is not null && own.Name != "keras")
                throw new UserErrorException($"--model-config: it belongs to Keras's weights, and '{path}' is read as {own.Name}; leave it out.");
            string[]? symbols = parsed.GetValue(vocabulary) is { } list ? SymbolList.Read(list) : null;
            ImportedNetwork made = own.Read(path, new ImportOptions
            {
                Prefix = parsed.GetValue(prefix), Embedding = parsed.GetValue(embedding), Recurrent = parsed.GetValue(recurrent) ?? [],
                Heads = parsed.GetValue(head) ?? [], Cell = parsed.GetValue(cell), Activation = parsed.GetValue(activation),
                Between = parsed.GetValue(between), Pooling = parsed.GetValue(pooling),
                GruReset = GruReset.Of(parsed.GetValue(gruReset)), ModelConfig = parsed.GetValue(modelConfig),
            });
            NetworkModel model = new(made.Network, new NetworkDescription(Path.GetFileName(path), made.Format, symbols ?? made.Symbols)
            {
                Notes = made.Notes,
            });
            double difference = ImportProbe.Difference(model, made.Sources);
            if (!(difference <= ImportProbe.Allowed))
                throw new InvalidOperationException($"the imported network differs from its equations by {difference}: a fault of this program.");
            model.Save(to);
            TextWriter lines = common.Lines(parsed);
            // Notes go to standard error here, below.
            foreach (string line in new NetworkView().Lines(model).SkipLast(made.Notes.Count)) lines.WriteLine(line);
            lines.WriteLine($"tensors: {made.Used} used" + (made.Unused.Count == 0 ? ", none left over"
                : $", {made.Unused.Count} not used: {string.Join(", ", made.Unused.Take(Named))}{(made.Unused.Count > Named ? " …" : "")}"));
            lines.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"checked: on {ImportProbe.Sequences} drawn sequences the outputs differ from the same equations in double by {difference:G2} at " +
                    $"most"));
            foreach (string note in made.Notes) terminal.Say($"note: {note}");
            lines.WriteLine($"model: {to}");
            common.WriteJson(parsed, json =>
            {
                json.WriteString("model", to);
                json.WriteString("format", made.Format);
                model.WriteJson(json);
                json.WriteStartArray("unused");
                foreach (string one in made.Unused) json.WriteStringValue(one);
                json.WriteEndArray();
                json.WriteNumber("largest_difference", difference);
                json.WriteString("weights_sha256", model.WeightsSha256);
            });
            return CommandLine.Done;
        });
        return command;
    }
}
