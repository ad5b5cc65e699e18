using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Unroll.Core;
using Unroll.Serving.Models;

namespace Unroll.Serving.Http.Inference;

/// <summary>A response of the Open Inference Protocol.</summary>
/// <param name="Request">What it answers.</param>
/// <param name="Model">The model that was asked.</param>
/// <param name="Form">What it says, in tensors.</param>
internal sealed record InferenceAnswer(InferenceRequest Request, ServedModel Model, ModelForm Form)
{
    /// <summary>[steps, labels]: probabilities; empty: it has none.</summary>
    public float[] Said { get; init; } = [];

    /// <summary>Answers as JSON, one a step; empty where there are probabilities.</summary>
    public string[] Texts { get; init; } = [];

    /// <summary>Throws where the request asks for outputs that the model does not have.</summary>
    public void RequireOutputs()
    {
        if (Request.Outputs.Select(one => one.Name).Distinct().Count() < Request.Outputs.Count)
            throw new ServingException(Refusal.Invalid, "outputs: expected each at most once.");
        foreach ((string name, _) in Request.Outputs)
            if (Form.Outputs.All(one => one.Name != name))
                throw new ServingException(Refusal.Invalid,
                    $"outputs: expected {string.Join(" or ", Form.Outputs.Select(one => $"'{one.Name}'"))}, found "
                    + $"'{(name.Length > 40 ? name[..40] + "…" : name)}'{NearestName.Question(name, [.. Form.Outputs.Select(one => one.Name)])}.");
    }

    /// <summary>Sends it.</summary>
    public async Task Send(Exchange exchange)
    {
        (string Name, bool? Binary)[] asked = Request.Outputs.Count > 0
            ? [.. Request.Outputs] : [.. Form.Outputs.Select(one => (one.Name, (bool?)null))];
        ArrayBufferWriter<byte> bytes = new();
        byte[] json = Exchange.Of(own =>
        {
            own.WriteString("model_name", Model.Name);
            own.WriteString("model_version", Model.Weights);
            if (Request.Id is { } id) own.WriteString("id", id);
            own.WriteObjects("outputs", asked, (one, output) => Write(one, Output(output.Name), output.Binary ?? Request.Binary, bytes));
        });
        if (bytes.WrittenCount == 0)
        {
            await exchange.Answer(json);
            return;
        }
        exchange.Context.Response.Headers[InferenceRequest.JsonLength] = json.Length.ToString(CultureInfo.InvariantCulture);
        await exchange.Answer((byte[])[.. json, .. bytes.WrittenSpan], "application/octet-stream");
    }

    private Tensor Output(string name)
    {
        int labels = Form.Labels.Count, steps = labels > 0 ? Said.Length / labels : Texts.Length;
        return name switch
        {
            ModelForm.Probabilities => new Tensor(name, TensorForm.Single, [steps, labels]) { Numbers = Said },
            ModelForm.Label => new Tensor(name, TensorForm.Bytes, [steps])
            {
                Texts = [.. Enumerable.Range(0, steps).Select(t => Form.Labels[Largest(Said.AsSpan(t * labels, labels))])],
            },
            _ => new Tensor(name, TensorForm.Bytes, [steps]) { Texts = Texts },
        };
    }

    private static void Write(Utf8JsonWriter json, Tensor tensor, bool binary, ArrayBufferWriter<byte> bytes)
    {
        tensor.WriteHead(json);
        if (!binary)
        {
            tensor.WriteData(json);
            return;
        }
        int before = bytes.WrittenCount;
        foreach (float number in tensor.Numbers)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.GetSpan(sizeof(float)), number);
            bytes.Advance(sizeof(float));
        }
        foreach (string text in tensor.Texts)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.GetSpan(sizeof(int)), Encoding.UTF8.GetByteCount(text));
            bytes.Advance(sizeof(int));
            Encoding.UTF8.GetBytes(text, bytes);
        }
        json.WriteStartObject("parameters");
        json.WriteNumber("binary_data_size", bytes.WrittenCount - before);
        json.WriteEndObject();
    }

    // The first of equal ones, as everywhere.
    private static int Largest(ReadOnlySpan<float> p)
    {
        int best = 0;
        for (int k = 1; k < p.Length; k++)
            if (p[k] > p[best]) best = k;
        return best;
    }
}
