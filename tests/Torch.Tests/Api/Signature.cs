using System.Globalization;
using System.Reflection;

namespace DataSsl.Torch.Tests.Api;

/// <summary>Writes public members the way the reference list of TorchSharp's API writes them.</summary>
internal static class Signature
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    internal static IEnumerable<string> Of(Type type)
    {
        yield return Header(type);
        if (type.IsEnum)
        {
            foreach (var name in Enum.GetNames(type))
                yield return $"{Name(type)}.{name} = {Convert.ToInt64(Enum.Parse(type, name), CultureInfo.InvariantCulture)}";
            yield break;
        }
        foreach (var constructor in type.GetConstructors(Declared).Where(member => Seen(member) && !member.IsStatic))
            yield return $"{Name(type)}.ctor({Parameters(constructor)}){Modifiers(constructor)}";
        foreach (var method in type.GetMethods(Declared).Where(member => Seen(member) && (!member.IsSpecialName || member.Name.StartsWith("op_", StringComparison.Ordinal))))
            yield return $"{Name(type)}.{method.Name}{TypeParameters(method)}({Parameters(method)}) -> {Name(method.ReturnType)}{Modifiers(method)}";
        foreach (var property in type.GetProperties(Declared).Where(member => Seen(member.GetMethod)))
            yield return $"{Name(type)}.{Property(property)} -> {Name(property.PropertyType)}{(property.GetMethod!.IsStatic ? " static" : "")}";
        foreach (var field in type.GetFields(Declared).Where(member => member.IsPublic))
            yield return $"{Name(type)}.{field.Name} -> {Name(field.FieldType)}{(field.IsStatic ? " static" : "")}";
    }

    private static string Header(Type type)
    {
        var kind = type.IsEnum ? "enum"
            : type.IsInterface ? "interface"
            : type.IsValueType ? "struct"
            : type is { IsAbstract: true, IsSealed: true } ? "static class"
            : type.IsAbstract ? "abstract class"
            : type.IsSealed ? "sealed class"
            : "class";
        var parent = type.BaseType is { } up && up != typeof(object) && !type.IsValueType ? $" : {Name(up)}" : "";
        return $"{Name(type)} : {kind} [{type.Namespace}]{parent}";
    }

    private static bool Seen(MethodBase? member) => member is not null && (member.IsPublic || member.IsFamily || member.IsFamilyOrAssembly);

    private static string Modifiers(MethodBase member) =>
        (member.IsStatic ? " static" : "")
        + (member.IsPublic ? "" : " protected")
        + (member is { IsVirtual: true, IsFinal: false } ? " virtual" : "");

    private static string Property(PropertyInfo property)
    {
        var indices = property.GetIndexParameters();
        var name = indices.Length == 0
            ? property.Name
            : $"this[{string.Join(", ", indices.Select(index => $"{Name(index.ParameterType)} {index.Name}"))}]";
        return $"{name} {{ get; {(property.SetMethod is { IsPublic: true } ? "set; " : "")}}}";
    }

    private static string TypeParameters(MethodInfo method) =>
        method.IsGenericMethod ? $"<{string.Join(",", method.GetGenericArguments().Select(argument => argument.Name))}>" : "";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        var mode = parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params " : type.IsByRef ? (parameter.IsOut ? "out " : "ref ") : "";
        var value = parameter.HasDefaultValue ? $" = {Default(parameter.DefaultValue)}" : "";
        return $"{mode}{Name(type.IsByRef ? type.GetElementType()! : type)} {parameter.Name}{value}";
    }

    private static string Default(object? value) => value switch
    {
        null => "null/default",
        string text => $"\"{text}\"",
        bool truth => truth ? "true" : "false",
        Enum choice => choice.ToString(),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Name(Type type)
    {
        if (type.IsGenericParameter)
            return type.Name;
        if (type.IsArray)
            return Name(type.GetElementType()!) + "[]";
        if (type.IsPointer)
            return Name(type.GetElementType()!) + "*";
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Name(underlying) + "?";
        if (Keyword(type) is { } keyword)
            return keyword;
        return Path(type, new Queue<Type>(type.GetGenericArguments()));
    }

    // Reflection gives a nested type its outer types' arguments too; each level takes as many as it declares.
    private static string Path(Type type, Queue<Type> arguments)
    {
        var outer = type.DeclaringType is { } declaring ? Path(declaring, arguments) + "." : "";
        var tick = type.Name.IndexOf('`');
        if (tick < 0)
            return outer + type.Name;
        var own = Enumerable.Range(0, int.Parse(type.Name.AsSpan(tick + 1), CultureInfo.InvariantCulture)).Select(_ => Name(arguments.Dequeue()));
        return $"{outer}{type.Name[..tick]}<{string.Join(", ", own)}>";
    }

    private static string? Keyword(Type type) =>
        type == typeof(void) ? "void"
        : type == typeof(object) ? "object"
        : type == typeof(string) ? "string"
        : type == typeof(bool) ? "bool"
        : type == typeof(byte) ? "byte"
        : type == typeof(int) ? "int"
        : type == typeof(long) ? "long"
        : type == typeof(float) ? "float"
        : type == typeof(double) ? "double"
        : null;
}
