print("gdr")
