using System.Text.Json;
using Unroll.Core;
using Unroll.Exchange.Hdf5.Storage;
using Unroll.Formats;
using Unroll.Layers.Recurrent;
using Unroll.Networks;

namespace Unroll.Exchange.Hdf5.Keras;

/// <summary>Goes through a model's layers from input to output and makes of each what the engine has for it; refuses the rest by name.</summary>
internal sealed class KerasReader
{
    private readonly List<LayerSpec> _layers = [];
    private readonly List<string> _notes = [];
    private readonly KerasTensors _tensors;
    private readonly KerasGraph _graph;
    private readonly KerasVersion _version;
    private int _inputs, _features;
    private bool _masked;
    private string? _leftOut;

    // Whether what comes is a sequence of steps; null: not known yet.
    private bool? _steps;

    private KerasReader(KerasGraph graph, KerasTensors tensors, KerasVersion version) => (_graph, _tensors, _version) = (graph, tensors, version);

    /// <summary>Makes the network.</summary>
    /// <exception cref="UserErrorException">A layer is not read, or its weights do not fit; names it.</exception>
    public static KerasModel Read(KerasGraph graph, KerasWeights weights, KerasVersion version, H5File file)
    {
        KerasReader reader = new(graph, new KerasTensors(weights, file), version);
        foreach (KerasLayer layer in graph.Chain) reader.Add(layer);
        if (reader._layers.Count == 0) throw new UserErrorException($"'{file.Bytes.Name}': the model has no layer with weights; give one that has.");
        return new KerasModel(new NetworkSpec(reader._inputs, reader._layers), reader._tensors.All)
        {
            LeftOut = reader._leftOut, Version = version.Text, Notes = [.. reader._notes, .. reader._tensors.Notes], Unused = [.. weights.Unused],
            Used = weights.Used,
        };
    }

    private void Add(KerasLayer layer)
    {
        if (_leftOut is not null)
            throw layer.Refused($"it follows a layer with the activation {_leftOut}, and Unroll has such a function at the end alone",
                "export it to ONNX and use 'unroll run'");
        switch (layer.Class)
        {
            case "InputLayer": ReadInput(layer); break;
            case "Embedding": AddEmbedding(layer); break;
            case "Masking":
                layer.Number("mask_value", 0);
                _masked = true;
                Note(layer, "it makes Keras pass over steps that are mask_value throughout; here leave such steps out of the sequence");
                break;
            case "TextVectorization" or "StringLookup": ReadText(layer); break;
            case "Dense": AddDense(layer, layer, ""); break;
            case "TimeDistributed":
                KerasLayer inner = layer.Part("layer");
                if (inner.Class != "Dense")
                    throw layer.Refused($"it holds a layer of the class {inner.Class}, and Dense is read", "export it to ONNX");
                AddDense(layer, inner, "layer");
                NoteUnknown(inner);
                break;
            case "LayerNormalization": AddNorm(layer); break;
            case "Dropout" or "SpatialDropout1D": AddDropout(layer); break;
            case "GaussianNoise" or "GaussianDropout" or "AlphaDropout" or "ActivityRegularization": break;
            case "GlobalAveragePooling1D" or "GlobalMaxPooling1D": AddPooling(layer); break;
            case "Activation": LeaveOut(layer, layer.Activation("activation", "linear")); break;
            case "Softmax":
                if (layer.Number("axis", -1) != -1) throw layer.Refused("its axis is not the last", "export it to ONNX and use 'unroll run'");
                LeaveOut(layer, "softmax");
                break;
            case "Lambda":
                throw layer.Refused("it holds Python code, which is never run", "replace it by a layer of Keras, or leave it out");
            case "CuDNNLSTM" or "CuDNNGRU":
                throw layer.Refused("this class of Keras 2 orders its weights in a way of its own",
                    "load the weights into LSTM or GRU in Keras and save that model");
            case "LSTM" or "GRU" or "SimpleRNN" or "RNN" or "Bidirectional":
                RequireSteps(layer);
                new KerasRecurrence(layer, Index(layer), _tensors, _version, _layers, _features, (where, note) => Note(where, note)).Add(_masked);
                _features = WidthOf(_layers);
                _steps = _layers[^1] is not PoolingSpec;
                Begin(_tensors.FirstInputs);
                break;
            default:
                throw layer.Refused("Unroll has no layer of this class", "build the model without it, or export it to ONNX and use 'unroll run'");
        }
        NoteUnknown(layer);
    }

    private int Index(KerasLayer layer) => _graph.All.Index().First(one => ReferenceEquals(one.Item, layer)).Index;

    private void Note(KerasLayer layer, string what) => _notes.Add($"layer '{layer.Name}' ({layer.Class}): {what}.");

    private void NoteUnknown(KerasLayer layer)
    {
        foreach (string setting in layer.Unknown()) Note(layer, $"its setting '{setting}' is not known here and was left out of account");
    }

    //  [null, steps, features]   or   [null, steps] of indices
    private void ReadInput(KerasLayer layer)
    {
        if ((layer.Element("batch_shape") ?? layer.Element("batch_input_shape")) is not { ValueKind: JsonValueKind.Array } shape) return;
        if (shape.GetArrayLength() is not (1 or 2 or 3)) throw layer.Refused($"its input has {shape.GetArrayLength()} axes, and 2 or 3 are read",
            "build a model of sequences");
        if (shape.GetArrayLength() == 3) _steps = true;
        if (shape.GetArrayLength() == 3 && shape[2].ValueKind == JsonValueKind.Number && shape[2].TryGetInt32(out int size)) _features = size;
    }

    private void Begin(int inputs)
    {
        if (_inputs == 0) _inputs = inputs;
    }

    private void RequireSteps(KerasLayer layer)
    {
        if (_steps == false) throw layer.Refused("what comes to it is one row and no sequence", "save the model again");
        _steps = true;
    }

    // Keras reads indices; a step of the engine's embedding is one index.
    private void AddEmbedding(KerasLayer layer)
    {
        if (_layers.Count > 0) throw layer.Refused("an embedding is read at the beginning alone", "export it to ONNX and use 'unroll run'");
        (int vocabulary, int size) = _tensors.Embedding(layer, Index(layer));
        _layers.Add(new EmbeddingSpec { Name = layer.Name, Vocabulary = vocabulary, Size = size });
        (_inputs, _features, _steps) = (1, size, true);
        if (layer.Flag("mask_zero", false))
        {
            _masked = true;
            Note(layer, "with mask_zero Keras passes over steps whose index is 0; here leave them out of the sequence: a 0 is a step like others");
        }
    }

    private void ReadText(KerasLayer layer)
    {
        if (_layers.Count > 0) throw layer.Refused("it is not at the beginning", "save the model again");
        if ((layer.Text("output_mode") ?? "int") != "int")
            throw layer.Refused("its output_mode is not int", "build a model whose first layer after it is an embedding");
        foreach (string setting in (string[])["max_tokens", "standardize", "split", "ngrams", "output_sequence_length", "pad_to_max_tokens",
            "encoding", "vocabulary", "idf_weights", "vocabulary_size", "num_oov_indices", "mask_token", "oov_token", "invert", "vocabulary_dtype"])
            layer.Element(setting);
        Note(layer, "texts are made into indices outside of the network: give it the indices; its vocabulary is kept with the model");
    }

    private void AddDense(KerasLayer layer, KerasLayer dense, string part)
    {
        string activation = dense.Activation("activation", "linear");
        (int inputs, int outputs) = _tensors.Dense(layer, Index(layer), part, dense.Size("units"), dense.Flag("use_bias", true), _features);
        // A filter that sees one step is W x + b with max(0, …) above it.
        _layers.Add(activation == "relu"
            ? new ConvolutionSpec { Name = layer.Name, Filters = outputs, Width = 1 }
            : new DenseSpec { Name = layer.Name, Outputs = outputs });
        Begin(inputs);
        _features = outputs;
        if (activation != "relu") LeaveOut(layer, activation);
    }

    private void LeaveOut(KerasLayer layer, string activation)
    {
        if (activation == "linear") return;
        if (activation is not ("softmax" or "sigmoid"))
            throw layer.Refused($"its activation is {activation}, and of a Dense layer linear and relu are read, and softmax and sigmoid at the end",
                "export it to ONNX and use 'unroll run'");
        if (!ReferenceEquals(layer, _graph.Chain[^1]))
            throw layer.Refused($"its activation is {activation}, and such a function is read at the end of a model alone",
                "export it to ONNX and use 'unroll run'");
        _leftOut = activation;
        Note(layer, $"its {activation} is left out: the network gives scores, "
            + $"{(activation == "softmax" ? "whose softmax is" : "whose logistic function is")} what Keras gives");
    }

    private void AddNorm(KerasLayer layer)
    {
        if (layer.Flag("rms_scaling", false)) throw layer.Refused("it scales without a mean (rms_scaling)", "export it to ONNX and use 'unroll run'");
        double epsilon = layer.Number("epsilon", 1e-3);
        if (!(epsilon is > 0 and <= 1)) throw layer.Refused($"its epsilon is {epsilon}", "use one above 0 and at most 1");
        RequireLastAxis(layer);
        int size = _tensors.Norm(layer, Index(layer), layer.Flag("scale", true), layer.Flag("center", true), _features);
        _layers.Add(new LayerNormSpec { Name = layer.Name, Epsilon = epsilon });
        Begin(size);
        _features = size;
    }

    private void RequireLastAxis(KerasLayer layer)
    {
        JsonElement? axis = layer.Element("axis");
        if (axis is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() == 1) axis = list[0];
        int last = _steps == false ? 1 : 2;
        if (axis is { } one && !(one.ValueKind == JsonValueKind.Number && one.TryGetInt32(out int at) && (at == -1 || at == last)))
            throw layer.Refused("it normalizes over another axis than the last", "export it to ONNX and use 'unroll run'");
    }

    private void AddDropout(KerasLayer layer)
    {
        double rate = layer.Number("rate", 0);
        if (!(rate is >= 0 and < 1)) throw layer.Refused($"its rate is {rate}", "use one of at least 0 and below 1");
        if (_layers.Count > 0 && rate > 0)
            _layers.Add(new DropoutSpec { Name = layer.Name, Rate = (float)rate, Locked = layer.Class == "SpatialDropout1D" });
    }

    private void AddPooling(KerasLayer layer)
    {
        RequireSteps(layer);
        if ((layer.Text("data_format") ?? "channels_last") != "channels_last")
            throw layer.Refused("its data_format is channels_first", "use channels_last");
        layer.Flag("keepdims", false);
        if (_layers.Count == 0) throw layer.Refused("there is no layer with weights before it", "export it to ONNX and use 'unroll run'");
        _layers.Add(layer.Class == "GlobalMaxPooling1D" ? new MaxPoolSpec { Name = layer.Name } : new MeanPoolSpec { Name = layer.Name });
        _steps = false;
        if (_masked && layer.Class == "GlobalMaxPooling1D")
            Note(layer, "Keras takes the largest value over masked steps too; here they are left out of the sequence");
    }

    // Only the last recurrent layer's own width is needed: what lies above it here is a flip or a pooling.
    private static int WidthOf(List<LayerSpec> layers)
    {
        RecurrentSpec recurrent = layers.OfType<RecurrentSpec>().Last();
        bool doubled = recurrent is { Direction: Direction.Bidirectional, Merge: Merge.Concatenate }
            && layers[^1] is not LastStatesSpec { Merge: not Merge.Concatenate };
        return recurrent.Hidden * (doubled ? 2 : 1);
    }
}
