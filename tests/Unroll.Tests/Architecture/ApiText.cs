using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Unroll.Tests.Architecture;

/// <summary>The public surface of an assembly, one line a type and one a member, in the ordinal order of the lines.</summary>
internal static class ApiText
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static IEnumerable<string> Lines(IEnumerable<Type> types) =>
        types.Where(IsSeen).SelectMany(type => Members(type).Prepend(Head(type))).Distinct().Order(StringComparer.Ordinal);

    private static bool IsSeen(Type type) =>
        (type.IsPublic || ((type.IsNestedPublic || type.IsNestedFamily) && IsSeen(type.DeclaringType!))) && !IsGenerated(type);

    private static string Head(Type type)
    {
        string kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => type.IsByRefLike ? "ref struct" : "struct",
            _ when type.BaseType == typeof(MulticastDelegate) => "delegate",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        IEnumerable<Type> above =
            type.BaseType is Type parent && parent != typeof(object) && parent != typeof(ValueType) && parent != typeof(Enum) ? [parent] : [];
        string bases = string.Join(", ",
            above.Concat(type.IsEnum ? [] : type.GetInterfaces().Where(i => i.IsPublic)).Select(Name).Order(StringComparer.Ordinal));
        return $"{Name(type)}: {kind}{(bases.Length > 0 ? " of " + bases : "")}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.BaseType == typeof(MulticastDelegate)) return [Signature(type, type.GetMethod("Invoke")!)];
        return type.GetMembers(Declared).Select(member => member switch
        {
            FieldInfo { IsSpecialName: false } field when (field.IsPublic || field.IsFamily) =>
                $"{Place(type, field)}: {Name(field.FieldType)}{Constant(field)}",
            PropertyInfo property => Property(type, property),
            EventInfo e when e.AddMethod is { IsPublic: true } => $"{Place(type, e)}: event {Name(e.EventHandlerType!)}",
            MethodBase method when (method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly) && IsWritten(method) => Signature(type, method),
            _ => null,
        }).OfType<string>();
    }

    // Accessors appear with their property; what a record writes for itself says nothing.
    private static bool IsWritten(MethodBase method) =>
        !IsGenerated(method) && (!method.IsSpecialName || method.IsConstructor || method.Name.StartsWith("op_", StringComparison.Ordinal))
        && !(method is MethodInfo { IsVirtual: true } m && m.GetBaseDefinition().DeclaringType == typeof(object));

    private static bool IsGenerated(MemberInfo member) => member.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);

    private static string? Property(Type type, PropertyInfo property)
    {
        static bool Open(MethodInfo? m) => m is not null && (m.IsPublic || m.IsFamily || m.IsFamilyOrAssembly);
        bool get = Open(property.GetMethod), set = Open(property.SetMethod);
        if ((!get && !set) || property.Name == "EqualityContract") return null;
        bool init = set && property.SetMethod!.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
        string required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        string index = property.GetIndexParameters() is { Length: > 0 } keys ? $"[{string.Join(", ", keys.Select(Parameter))}]" : "";
        return $"{Place(type, property)}{index}: {required}{Name(property.PropertyType)} "
            + $"{{{(get ? " get;" : "")}{(init ? " init;" : set ? " set;" : "")} }}";
    }

    private static string Signature(Type type, MethodBase method)
    {
        string generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";
        string result = method is MethodInfo { ReturnType: Type t } ? ": " + Name(t) : "";
        return $"{Place(type, method)}{generic}({string.Join(", ", method.GetParameters().Select(Parameter))}){result}";
    }

    private static string Place(Type type, MemberInfo member) =>
        $"{Name(type)}.{(member.Name == ".ctor" ? "new" : member.Name)}{(IsStatic(member) && !type.IsEnum ? " static" : "")}";

    private static bool IsStatic(MemberInfo member) => member switch
    {
        FieldInfo field => field.IsStatic,
        PropertyInfo property => (property.GetMethod ?? property.SetMethod)!.IsStatic,
        MethodBase method => method.IsStatic,
        _ => false,
    };

    private static string Parameter(ParameterInfo parameter)
    {
        bool byRef = parameter.ParameterType.IsByRef;
        string way = !byRef ? "" : parameter.IsOut ? "out " : parameter.IsIn ? "in " : "ref ";
        string many = parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute)) ? "params " : "";
        string preset = parameter.HasDefaultValue ? $" = {Value(parameter.RawDefaultValue)}" : "";
        return $"{many}{way}{Name(byRef ? parameter.ParameterType.GetElementType()! : parameter.ParameterType)} {parameter.Name}{preset}";
    }

    private static string Constant(FieldInfo field) => field.IsLiteral ? $" = {Value(field.GetRawConstantValue())}" : "";

    private static string Value(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private static string Name(Type type)
    {
        if (type.IsArray) return Name(type.GetElementType()!) + "[]";
        if (type.IsByRef) return "ref " + Name(type.GetElementType()!);
        if (type.IsPointer) return Name(type.GetElementType()!) + "*";
        if (type.IsGenericParameter) return type.Name;
        string name = type.IsNested ? $"{Name(type.DeclaringType!)}.{type.Name}"
            : type.Namespace?.StartsWith("Unroll") == true ? $"{type.Namespace}.{type.Name}"
            : type.Name;
        int tick = name.IndexOf('`');
        return tick < 0 ? name : $"{name[..tick]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
    }
}
