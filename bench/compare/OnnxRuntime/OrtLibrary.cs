using System.Runtime.InteropServices;

namespace Unroll.OnnxRuntime;

/// <summary>
/// The few functions of ONNX Runtime's C interface that a forward pass needs. Functions are found by their place in the table of
/// https://github.com/microsoft/onnxruntime/blob/main/include/onnxruntime/core/session/onnxruntime_c_api.h, which never changes for those that exist.
/// Nothing is released: the process ends with its last time.
/// </summary>
internal sealed unsafe class OrtLibrary
{
    private const uint TableVersion = 14;
    private readonly nint* _table;
    private readonly nint _environment, _memory;

    internal OrtLibrary(string path)
    {
        nint* start = ((delegate* unmanaged<nint*>)NativeLibrary.GetExport(NativeLibrary.Load(path), "OrtGetApiBase"))();
        _table = ((delegate* unmanaged<uint, nint*>)start[0])(TableVersion);
        Version = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)start[1])()) ?? "";
        if (_table is null) throw new NotSupportedException($"ONNX Runtime {Version} does not offer version {TableVersion} of its interface");
        nint made;
        Check(((delegate* unmanaged<int, nint, nint*, nint>)_table[3])(3, Marshal.StringToCoTaskMemUTF8("unroll"), &made)); // CreateEnv, errors only
        _environment = made;
        Check(((delegate* unmanaged<int, int, nint*, nint>)_table[69])(0, 0, &made)); // CreateCpuMemoryInfo
        _memory = made;
    }

    internal string Version { get; }

    /// <summary>A model, optimized as far as the runtime can.</summary>
    internal nint Session(byte[] model, int threads)
    {
        nint options, session;
        Check(((delegate* unmanaged<nint*, nint>)_table[10])(&options)); // CreateSessionOptions
        Check(((delegate* unmanaged<nint, int, nint>)_table[23])(options, 99)); // SetSessionGraphOptimizationLevel: all
        Check(((delegate* unmanaged<nint, int, nint>)_table[24])(options, threads)); // SetIntraOpNumThreads
        Check(((delegate* unmanaged<nint, int, nint>)_table[25])(options, 1)); // SetInterOpNumThreads
        fixed (byte* bytes = model) // CreateSessionFromArray
            Check(((delegate* unmanaged<nint, byte*, nuint, nint, nint*, nint>)_table[8])(
                _environment, bytes, (nuint)model.Length, options, &session));
        return session;
    }

    /// <summary>Zeros that the runtime reads or writes in place.</summary>
    internal OrtTensor Tensor(params long[] shape)
    {
        long floats = shape.Aggregate((a, b) => a * b);
        float* data = (float*)NativeMemory.AlignedAlloc((nuint)floats * sizeof(float), 64);
        new Span<float>(data, (int)floats).Clear();
        nint value;
        fixed (long* extents = shape) // CreateTensorWithDataAsOrtValue
            Check(((delegate* unmanaged<nint, float*, nuint, long*, nuint, int, nint*, nint>)_table[49])(
                _memory, data, (nuint)floats * sizeof(float), extents, (nuint)shape.Length, 1, &value));
        return new OrtTensor(value, data, (int)floats);
    }

    /// <summary>A call of a session, everything prepared.</summary>
    internal Action Call(nint session, (string Name, OrtTensor Tensor)[] inputs, (string Name, OrtTensor Tensor)[] outputs)
    {
        nint* inNames = Handles(inputs, each => Marshal.StringToCoTaskMemUTF8(each.Name)), ins = Handles(inputs, each => each.Tensor.Value);
        nint* outNames = Handles(outputs, each => Marshal.StringToCoTaskMemUTF8(each.Name)), outs = Handles(outputs, each => each.Tensor.Value);
        nuint count = (nuint)inputs.Length, results = (nuint)outputs.Length;
        return () => Check(((delegate* unmanaged<nint, nint, nint*, nint*, nuint, nint*, nuint, nint*, nint>)_table[9])( // Run
            session, 0, inNames, ins, count, outNames, results, outs));
    }

    private static nint* Handles((string Name, OrtTensor Tensor)[] tensors, Func<(string Name, OrtTensor Tensor), nint> handle)
    {
        nint* handles = (nint*)NativeMemory.Alloc((nuint)tensors.Length, (nuint)sizeof(nint));
        for (int i = 0; i < tensors.Length; i++) handles[i] = handle(tensors[i]);
        return handles;
    }

    private void Check(nint status)
    {
        if (status == 0) return;
        nint message = ((delegate* unmanaged<nint, nint>)_table[2])(status); // GetErrorMessage
        throw new InvalidOperationException(Marshal.PtrToStringUTF8(message));
    }
}

/// <summary>Floats outside the managed heap, and the runtime's handle of them.</summary>
internal readonly unsafe struct OrtTensor(nint value, float* data, int length)
{
    internal nint Value => value;

    internal Span<float> Data => new(data, length);
}
