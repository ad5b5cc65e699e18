Console.Error.WriteLine("unroll");
return 0;
