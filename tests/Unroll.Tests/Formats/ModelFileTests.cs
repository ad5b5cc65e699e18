using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Networks;

namespace Unroll.Tests.Formats;

public sealed class ModelFileTests : IDisposable
{
    private const string Task = """{"kind":"forecast","mean":[1.5]}""";
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_saved_is_loaded()
    {
        ParameterStore saved = Store(fill: true), loaded = Store();
        string path = _folder["m.safetensors"];
        ModelFile.Save(path, Spec(), Task, saved);
        ModelFile model = ModelFile.Load(path);
        long version = loaded.Version;
        model.CopyInto(loaded);

        Assert.Equal(saved.Values, loaded.Values);
        Assert.NotEqual(version, loaded.Version);
        Assert.Equal(Spec().ToJson(), model.Spec.ToJson());
        Assert.Equal(Task, model.TaskJson);
        Assert.Equal(WeightsHash.Compute(saved), TensorFile.Read(path).MetadataOf("unroll.weights_sha256"));
        Assert.Equal("""{"encoder":{"gates":"rzn","reset":"before","update":"keeps-past"}}""",
            TensorFile.Read(path).MetadataOf("unroll.conventions"));
    }

    [Fact]
    public void Saved_twice_it_is_the_same_bytes()
    {
        ModelFile.Save(_folder["a"], Spec(), Task, Store(fill: true));
        ModelFile.Save(_folder["b"], Spec(), Task, Store(fill: true));
        Assert.Equal(File.ReadAllBytes(_folder["a"]), File.ReadAllBytes(_folder["b"]));
    }

    [Fact]
    public void All_that_does_not_fit_is_one_error_and_nothing_is_copied()
    {
        ParameterStore other = new();
        other.Add("encoder.weight_ih_l0", 6, 2);
        other.Add("encoder.weight_hh_l0", 6, 3);
        other.Add("head.weight", 1, 2);
        string error = Assert.Throws<UserErrorException>(() => Saved().CopyInto(other)).Message;
        Assert.Equal("'m' does not fit this network: missing: head.weight [1, 2]; not expected: encoder.bias_ih_l0 [6]; "
            + "wrong: encoder.weight_hh_l0 is [6, 2], expected [6, 3]; give weights of the same network.", error);
        Assert.All(other.Values.ToArray(), value => Assert.Equal(0f, value));
    }

    [Fact]
    public void Weights_of_whole_numbers_do_not_fit()
    {
        TensorFile file = Changed("encoder.bias_ih_l0", _ => Tensor.Of("encoder.bias_ih_l0", [6], [1, 2, 3, 4, 5, 6]));
        string error = Assert.Throws<UserErrorException>(() => ModelFile.From(file, "m").CopyInto(Store())).Message;
        Assert.Contains("wrong: encoder.bias_ih_l0 holds I32, expected F32", error);
    }

    [Fact]
    public void Other_orders_of_the_gates_and_the_other_polarity_are_converted_exactly()
    {
        // Each of the six rows of weights belongs to a gate: two for r, two for z, two for n. Stored as n, z, r with the update gate turned:
        TensorFile file =
            Changed("unroll.conventions", """{"encoder":{"gates":"nzr","reset":"before","update":"takes-candidate"}}""", bias: [5, 6, 3, 4, 1, 2]);
        ParameterStore store = Store();
        ModelFile.From(file, "m").CopyInto(store);
        Assert.Equal([1f, 2, -3, -4, 5, 6], store.Find("encoder.bias_ih_l0")!.Values);
    }

    [Theory]
    [InlineData("""{"encoder":{"gates":"rzn","reset":"after","update":"keeps-past"}}""",
        "resets after the product, cell 'gru-after', and cell 'gru'")]
    [InlineData("""{"encoder":{"gates":"rzz","reset":"before","update":"keeps-past"}}""", "layer 'encoder' is stored as gates rzz, reset")]
    [InlineData("""{"encoder":{"gates":"ifgo"}}""", "is no order of the gates of its cell")]
    [InlineData("""{"encoder":{"gates":"rzn","reset":"never","update":"keeps-past"}}""", "unroll.conventions is not what")]
    [InlineData("""{"encoder":{"gates":"rzn","reset":"before","update":"sometimes"}}""", "unroll.conventions is not what")]
    [InlineData("""{"encoder":7}""", "unroll.conventions is not what")]
    [InlineData("""{"encoder":{"gates":null}}""", "unroll.conventions is not what")]
    [InlineData("""{"encoder":{}}""", "unroll.conventions is not what")]
    [InlineData("[]", "unroll.conventions is not what")]
    [InlineData("{", "unroll.conventions is not what")]
    [InlineData("{}", "says nothing about layer 'encoder'")]
    public void Conventions_that_cannot_be_converted_are_refused(string conventions, string expected)
    {
        string error = Assert.Throws<UserErrorException>(() => ModelFile.From(Changed("unroll.conventions", conventions), "m")).Message;
        Assert.StartsWith("'m'", error);
        Assert.Contains(expected, error);
    }

    [Theory]
    [InlineData("unroll.version", null, "is a safetensors file but not a model of ours")]
    [InlineData("unroll.version", "3", "is a model of version 3, and this program reads versions up to 2; use a newer program")]
    [InlineData("unroll.header_sha256", null, "is a damaged model, unroll.header_sha256: it is missing")]
    [InlineData("unroll.weights_sha256", null, "is a damaged model, unroll.weights_sha256: it is missing")]
    [InlineData("unroll.spec", """{"inputs":2,"layers":[{"type":"recurrent","name":"a","hidden":2,"layers":2147483647}]}""",
        "layers[0].layers is not what belongs there: expected a whole number from 1 to 64, found 2147483647")]
    [InlineData("unroll.spec", """{"inputs":2,"layers":[{"type":"dropout","name":"a","rate":1e308}]}""", "layers[0].rate is not what belongs")]
    [InlineData("unroll.spec",
        """{"inputs":2,"layers":[{"type":"flatten","name":"a","steps":9000000},{"type":"dense","name":"b","outputs":9000000}]}""",
        "is a damaged model, unroll.spec: layer 'b' sizes")]
    [InlineData("unroll.version", "one", "unroll.version: it is not a whole number from 1")]
    [InlineData("unroll.version", "0", "unroll.version: it is not a whole number from 1")]
    [InlineData("unroll.spec", null, "is a damaged model, unroll.spec: it is missing")]
    [InlineData("unroll.spec", "{", "unroll.spec: it does not describe a network")]
    [InlineData("unroll.spec", "null", "unroll.spec: it does not describe a network")]
    [InlineData("unroll.spec", """{"inputs":1}""", "unroll.spec: it does not describe a network")]
    [InlineData("unroll.spec", """{"inputs":1,"layers":[null]}""", "unroll.spec: it does not describe a network")]
    [InlineData("unroll.spec", """{"inputs":1,"layers":[{"type":"magic","name":"a"}]}""", "unroll.spec: it does not describe a network")]
    [InlineData("unroll.spec", """{"inputs":1,"layers":[{"type":"recurrent","name":null,"hidden":2}]}""",
        "unroll.spec: it does not describe a network")]
    [InlineData("unroll.spec", """{"inputs":1,"layers":[{"type":"recurrent","name":"a","hidden":2,"cell":null}]}""",
        "it does not describe a network")]
    [InlineData("unroll.task", null, "unroll.task: it is missing")]
    [InlineData("unroll.task", "{,}", "unroll.task: it is not JSON")]
    [InlineData("unroll.conventions", null, "unroll.conventions: it is missing")]
    public void A_file_that_is_no_model_of_this_version_is_refused_by_name(string key, string? value, string expected)
    {
        string error = Assert.Throws<UserErrorException>(() => ModelFile.From(Changed(key, value), "m")).Message;
        Assert.StartsWith("'m'", error);
        Assert.Contains(expected, error);
        Assert.DoesNotContain('\n', error);
    }

    [Fact]
    public void A_model_of_version_1_opens_and_says_that_its_description_has_no_checksum()
    {
        Assert.Null(Saved().Note);
        TensorFile first = Changed("unroll.version", "1"), file = new();
        foreach ((string key, string value) in first.Metadata)
            if (key is not ("unroll.header_sha256" or "unroll.weights_sha256")) file.AddMetadata(key, value);
        foreach (Tensor tensor in first.Tensors) file.Add(tensor);
        file.Write(_folder["first"]);
        ModelFile model = ModelFile.Load(_folder["first"]);
        model.CopyInto(Store());
        Assert.Equal(1, model.FileVersion);
        Assert.Contains("version 1, whose description has no checksum", model.Note);
    }

    [Fact]
    public void The_checksum_of_the_header_is_that_of_its_bytes_with_zeros_for_its_own_digits()
    {
        Saved();
        byte[] bytes = File.ReadAllBytes(_folder["m"]);
        int header = (int)System.Buffers.Binary.BinaryPrimitives.ReadInt64LittleEndian(bytes);
        string own = TensorFile.Read(_folder["m"]).MetadataOf("unroll.header_sha256")!, text = System.Text.Encoding.UTF8.GetString(bytes, 8, header);
        byte[] blank = System.Text.Encoding.UTF8.GetBytes(text.Replace(own, new string('0', 64)));
        Assert.Equal(own, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(blank)));
    }

    [Fact]
    public void A_header_that_says_the_same_in_other_words_is_not_the_one_that_was_written()
    {
        Saved();
        byte[] bytes = File.ReadAllBytes(_folder["m"]);
        int at = bytes.AsSpan().IndexOf("\\u0022"u8);
        bytes[at + 1] = (byte)'U';
        Assert.Contains("header is not the one that was written", Error(bytes));
        bytes = File.ReadAllBytes(_folder["m"]);
        bytes[bytes.AsSpan().IndexOf("\"unroll.header"u8) + 1] = (byte)'x';
        Assert.Contains("unroll.header_sha256: it is missing", Error(bytes));

        static string Error(byte[] bytes) =>
            Assert.Throws<UserErrorException>(() => ModelFile.From(TensorFile.Read(new MemoryStream(bytes), "m"), "m")).Message;
    }

    [Fact]
    public void A_description_whose_shapes_are_not_those_of_the_file_is_refused_before_room_is_made()
    {
        TensorFile whole = Changed("unroll.spec", Spec().ToJson().Replace("\"hidden\": 2", "\"hidden\": 16000"));
        whole.Write(_folder["large"]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        string error = Assert.Throws<UserErrorException>(() => ModelFile.Load(_folder["large"])).Message;
        Assert.Contains("its network has encoder.weight_ih_l0 [48000, 2], and the file [6, 2]", error);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000_000);
    }

    [Fact]
    public void A_single_changed_bit_of_the_weights_is_found()
    {
        ModelFile.Save(_folder["m"], Spec(), Task, Store(fill: true));
        byte[] bytes = File.ReadAllBytes(_folder["m"]);
        bytes[^4] ^= 1;
        File.WriteAllBytes(_folder["m"], bytes);
        Assert.Contains("unroll.weights_sha256 differs", Assert.Throws<UserErrorException>(() => ModelFile.Load(_folder["m"])).Message);
    }

    [Fact]
    public void A_model_changed_in_any_byte_is_refused_or_loads_and_never_a_crash()
    {
        ModelFile.Save(_folder["m"], Spec(), Task, Store(fill: true));
        byte[] whole = File.ReadAllBytes(_folder["m"]);
        Prop.ForAll<NonNegativeInt, byte>((at, value) =>
        {
            byte[] bytes = [.. whole];
            bytes[at.Get * 7919 % bytes.Length] = value;
            try { ModelFile.From(TensorFile.Read(new MemoryStream(bytes), "m"), "m").CopyInto(Store()); }
            catch (UserErrorException e) { Assert.DoesNotContain('\n', e.Message); }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    [Fact]
    public void Weights_that_are_not_finite_and_a_task_that_is_not_JSON_are_not_saved()
    {
        ParameterStore store = Store();
        using (Edit edit = store.Edit()) edit.Values[0] = float.NaN;
        Assert.Contains("element 0 is NaN", Assert.Throws<UserErrorException>(() => ModelFile.Save(_folder["m"], Spec(), Task, store)).Message);
        Assert.ThrowsAny<JsonException>(() => ModelFile.Save(_folder["m"], Spec(), "task", Store()));
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    private static NetworkSpec Spec() => new(2,
        [new RecurrentSpec { Name = "encoder", Hidden = 2, Cell = new() { Kind = "gru" } }, new DropoutSpec { Name = "drop", Rate = 0.5f }]);

    private static ParameterStore Store(bool fill = false)
    {
        ParameterStore store = new();
        store.Add("encoder.weight_ih_l0", 6, 2);
        store.Add("encoder.weight_hh_l0", 6, 2);
        store.Add("encoder.bias_ih_l0", 6);
        using Edit edit = store.Edit();
        if (fill)
            for (int i = 0; i < store.Length; i++) edit.Values[i] = 1f / (i + 1);
        return store;
    }

    private ModelFile Saved()
    {
        ModelFile.Save(_folder["m"], Spec(), Task, Store(fill: true));
        return ModelFile.From(TensorFile.Read(_folder["m"]), "m");
    }

    // A saved model with one thing in it changed, and with hashes of what it is now, so that what was changed is what is found.
    private TensorFile Changed(string key, string? value, float[]? bias = null)
    {
        Saved();
        TensorFile whole = TensorFile.Read(_folder["m"]), file = new();
        foreach ((string k, string v) in whole.Metadata)
            if (k != "unroll.weights_sha256" && (k != key || value is not null)) file.AddMetadata(k, k == key ? value! : v);
        foreach (Tensor tensor in whole.Tensors)
            file.Add(bias is not null && tensor.Name == "encoder.bias_ih_l0" ? Tensor.Of(tensor.Name, tensor.Shape, bias) : tensor);
        return key == "unroll.weights_sha256" ? file : file.AddMetadata("unroll.weights_sha256", WeightsHash.Compute(file.Tensors));
    }

    private TensorFile Changed(string name, Func<Tensor, Tensor> change)
    {
        TensorFile whole = Changed("none", ""), file = new();
        foreach ((string key, string value) in whole.Metadata)
            if (key != "unroll.weights_sha256") file.AddMetadata(key, value);
        foreach (Tensor tensor in whole.Tensors) file.Add(tensor.Name == name ? change(tensor) : tensor);
        return file.AddMetadata("unroll.weights_sha256", WeightsHash.Compute(file.Tensors));
    }
}
